type Bytes = Uint8Array | null;

/**
 * The functions of the C library that the suite calls, and the `errno` of the call before.
 *
 * A `Bytes` argument is a pointer to a buffer of ours, valid during the call only. A number whose name says address is a
 * pointer into memory that C owns (user space needs 47 bits). The variadic functions (fcntl, ioctl, openat, prctl) get integers
 * and pointers only, which Linux on x86-64 and arm64 passes as to a function with fixed arguments.
 */
export interface Libc {
  /** The errno of the thread. Read it right after the call that failed: any later call may change it. */
  errno(): number;
  /** The memory at an address, without a copy. It must stay mapped while somebody uses it. */
  view(address: number, size: number): ArrayBuffer;
  _exit(code: number): void;
  bind(fd: number, address: Bytes, size: number): number;
  chdir(path: Bytes): number;
  chroot(path: Bytes): number;
  clock_gettime(clock: number, timespec: Bytes): number;
  close(fd: number): number;
  connect(fd: number, address: Bytes, size: number): number;
  dup2(from: number, to: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: Bytes): number;
  epoll_wait(epoll: number, events: Bytes, most: number, timeout: number): number;
  execve(path: Bytes, argvAddress: number, environmentAddress: number): number;
  faccessat(directory: number, path: Bytes, mode: number, flags: number): number;
  fchdir(fd: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  flock(fd: number, operation: number): number;
  free(address: number): void;
  getgrnam_r: Lookup<Bytes>;
  getpriority(which: number, who: number): number;
  getpwnam_r: Lookup<Bytes>;
  getpwuid_r: Lookup<number>;
  getpid(): number;
  getrlimit(resource: number, limit: Bytes): number;
  initgroups(user: Bytes, gid: number): number;
  inotify_add_watch(inotify: number, path: Bytes, mask: number): number;
  inotify_init1(flags: number): number;
  ioctl(fd: number, request: number, argument: Bytes): number;
  isatty(fd: number): number;
  kill(pid: number, signal: number): number;
  madvise(address: number, size: number, advice: number): number;
  malloc(size: number): number;
  memcpy(toAddress: number, from: Bytes, size: number): number;
  memmove(to: Bytes, fromAddress: number, size: number): number;
  mkfifo(path: Bytes, mode: number): number;
  mmap(address: number, size: number, protection: number, flags: number, fd: number, offset: number): number | bigint;
  mount(source: Bytes, target: Bytes, type: Bytes, flags: number, dataAddress: number): number;
  munmap(address: number, size: number): number;
  openat(directory: number, path: Bytes, flags: number, mode: number): number;
  pipe2(ends: Bytes, flags: number): number;
  poll(entries: Bytes, count: number, timeout: number): number;
  posix_spawn: PosixSpawn;
  posix_spawnp: PosixSpawn;
  posix_spawn_file_actions_addclose(actions: Bytes, fd: number): number;
  posix_spawn_file_actions_adddup2(actions: Bytes, from: number, to: number): number;
  /** Null before glibc 2.29 and musl 1.1.24. */
  posix_spawn_file_actions_addfchdir_np: ((actions: Bytes, fd: number) => number) | null;
  posix_spawn_file_actions_destroy(actions: Bytes): number;
  posix_spawn_file_actions_init(actions: Bytes): number;
  posix_spawnattr_destroy(attributes: Bytes): number;
  posix_spawnattr_init(attributes: Bytes): number;
  posix_spawnattr_setflags(attributes: Bytes, flags: number): number;
  posix_spawnattr_setpgroup(attributes: Bytes, group: number): number;
  posix_spawnattr_setsigdefault(attributes: Bytes, signals: Bytes): number;
  posix_spawnattr_setsigmask(attributes: Bytes, signals: Bytes): number;
  prctl(option: number, argument2: number, argument3: number, argument4: number, argument5: number): number;
  read(fd: number, bytes: Bytes, size: number): number;
  reboot(command: number): number;
  renameat(fromDirectory: number, from: Bytes, toDirectory: number, to: Bytes): number;
  send(fd: number, bytes: Bytes, size: number, flags: number): number;
  setgid(gid: number): number;
  setgroups(count: number, gids: Bytes): number;
  setns(fd: number, type: number): number;
  setpriority(which: number, who: number, priority: number): number;
  setrlimit(resource: number, limit: Bytes): number;
  setsid(): number;
  setuid(uid: number): number;
  signal(signal: number, handlerAddress: number): number;
  sigprocmask(how: number, set: Bytes, former: Bytes): number;
  socket(family: number, type: number, protocol: number): number;
  strlen(address: number): number;
  sync(): void;
  /** Variadic as well, with integers only. A system call ignores the arguments that it does not take. */
  syscall(number: number, argument1: number, argument2: number, argument3: number, argument4: number): number;
  unlinkat(directory: number, path: Bytes, flags: number): number;
  unshare(flags: number): number;
  waitid(kind: number, id: number, info: Bytes, options: number): number;
  waitpid(pid: number, status: Bytes, options: number): number;
}

type PosixSpawn = (
  pid: Bytes,
  path: Bytes,
  actions: Bytes,
  attributes: Bytes,
  argvAddress: number,
  environmentAddress: number,
) => number;

/** Fills the record at one address and the buffer at another with its strings; returns the errno. */
type Lookup<K> = (key: K, recordAddress: number, bufferAddress: number, bufferSize: number, found: Bytes) => number;

/** The C types that the functions of {@link Libc} need. */
export type CType = "int" | "uint" | "long" | "bytes" | "address" | "void";

/** The C types of a function: what it returns, then what it takes. */
export interface Signature {
  readonly returns: CType;
  readonly takes: readonly CType[];
  /** Older C libraries lack the function; it is null there. */
  readonly isOptional?: true;
}

const fn = (returns: CType, ...takes: readonly CType[]): Signature => ({ returns, takes });

/** What both FFI libraries need to know of each function. */
export const signatures: Readonly<Record<Exclude<keyof Libc, "errno" | "view">, Signature>> = {
  _exit: fn("void", "int"),
  bind: fn("int", "int", "bytes", "uint"),
  chdir: fn("int", "bytes"),
  chroot: fn("int", "bytes"),
  clock_gettime: fn("int", "int", "bytes"),
  close: fn("int", "int"),
  connect: fn("int", "int", "bytes", "uint"),
  dup2: fn("int", "int", "int"),
  epoll_create1: fn("int", "int"),
  epoll_ctl: fn("int", "int", "int", "int", "bytes"),
  epoll_wait: fn("int", "int", "bytes", "int", "int"),
  execve: fn("int", "bytes", "address", "address"),
  faccessat: fn("int", "int", "bytes", "int", "int"),
  fchdir: fn("int", "int"),
  fcntl: fn("int", "int", "int", "long"),
  flock: fn("int", "int", "int"),
  free: fn("void", "address"),
  getgrnam_r: fn("int", "bytes", "address", "address", "long", "bytes"),
  getpriority: fn("int", "int", "uint"),
  getpwnam_r: fn("int", "bytes", "address", "address", "long", "bytes"),
  getpwuid_r: fn("int", "uint", "address", "address", "long", "bytes"),
  getpid: fn("int"),
  getrlimit: fn("int", "int", "bytes"),
  initgroups: fn("int", "bytes", "uint"),
  inotify_add_watch: fn("int", "int", "bytes", "uint"),
  inotify_init1: fn("int", "int"),
  ioctl: fn("int", "int", "long", "bytes"),
  isatty: fn("int", "int"),
  kill: fn("int", "int", "int"),
  madvise: fn("int", "address", "long", "int"),
  malloc: fn("address", "long"),
  memcpy: fn("address", "address", "bytes", "long"),
  memmove: fn("address", "bytes", "address", "long"),
  mkfifo: fn("int", "bytes", "uint"),
  mmap: fn("address", "address", "long", "int", "int", "int", "long"),
  mount: fn("int", "bytes", "bytes", "bytes", "long", "address"),
  munmap: fn("int", "address", "long"),
  openat: fn("int", "int", "bytes", "int", "uint"),
  pipe2: fn("int", "bytes", "int"),
  poll: fn("int", "bytes", "long", "int"),
  posix_spawn: fn("int", "bytes", "bytes", "bytes", "bytes", "address", "address"),
  posix_spawnp: fn("int", "bytes", "bytes", "bytes", "bytes", "address", "address"),
  posix_spawn_file_actions_addclose: fn("int", "bytes", "int"),
  posix_spawn_file_actions_adddup2: fn("int", "bytes", "int", "int"),
  posix_spawn_file_actions_addfchdir_np: { ...fn("int", "bytes", "int"), isOptional: true },
  posix_spawn_file_actions_destroy: fn("int", "bytes"),
  posix_spawn_file_actions_init: fn("int", "bytes"),
  posix_spawnattr_destroy: fn("int", "bytes"),
  posix_spawnattr_init: fn("int", "bytes"),
  posix_spawnattr_setflags: fn("int", "bytes", "int"),
  posix_spawnattr_setpgroup: fn("int", "bytes", "int"),
  posix_spawnattr_setsigdefault: fn("int", "bytes", "bytes"),
  posix_spawnattr_setsigmask: fn("int", "bytes", "bytes"),
  prctl: fn("int", "int", "long", "long", "long", "long"),
  read: fn("long", "int", "bytes", "long"),
  reboot: fn("int", "int"),
  renameat: fn("int", "int", "bytes", "int", "bytes"),
  send: fn("long", "int", "bytes", "long", "int"),
  setgid: fn("int", "uint"),
  setgroups: fn("int", "long", "bytes"),
  setns: fn("int", "int", "int"),
  setpriority: fn("int", "int", "uint", "int"),
  setrlimit: fn("int", "int", "bytes"),
  setsid: fn("int"),
  setuid: fn("int", "uint"),
  signal: fn("address", "int", "address"),
  sigprocmask: fn("int", "int", "bytes", "bytes"),
  socket: fn("int", "int", "int", "int"),
  strlen: fn("long", "address"),
  sync: fn("void"),
  syscall: fn("long", "long", "long", "long", "long", "long"),
  unlinkat: fn("int", "int", "bytes", "int"),
  unshare: fn("int", "int"),
  waitid: fn("int", "int", "uint", "bytes", "int"),
  waitpid: fn("int", "int", "bytes", "int"),
};

/** Where the C library may be found: glibc's name, then musl's two. */
export const libraryNames: readonly string[] = [
  "libc.so.6",
  process.arch === "arm64" ? "libc.musl-aarch64.so.1" : "libc.musl-x86_64.so.1",
  "libc.so",
];
