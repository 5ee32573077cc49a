# A service that does to every descriptor, file and process that it can reach whatever a process can do. It runs as nobody.
use strict;
use Fcntl qw(:flock :DEFAULT);
use IO::Handle ();
use POSIX ();

my ($services, $done) = @ARGV;
my ($F_SETSIG, $F_SETOWN, $F_SETLEASE, $F_SETPIPE_SZ, $O_ASYNC) = (10, 8, 1024, 1031, 020000);
$SIG{$_} = "IGNORE" for qw(TERM HUP INT QUIT IO PIPE XFSZ CONT USR1 USR2);

sub locked { # In a child: it keeps the lock until it is killed.
  my ($path) = @_;
  my $file;
  sysopen($file, $path, O_RDONLY | O_NONBLOCK) or sysopen($file, $path, O_WRONLY | O_NONBLOCK) or return;
  flock($file, LOCK_EX);
  sleep 1000;
}

sub worker { my ($act) = @_; my $pid = fork; return if !defined $pid || $pid; $act->(); POSIX::_exit(0) }

# Descriptors: what we have inherited, and hand on.
$^F = 255;
my @kept;
for my $fd (0 .. 15) {
  my $file = IO::Handle->new;
  open($file, "+<&=", $fd) or open($file, ">&=", $fd) or open($file, "<&=", $fd) or next;
  worker(sub { flock($file, LOCK_EX); sleep 1000 });
  flock($file, LOCK_EX | LOCK_NB);
  fcntl($file, $F_SETLEASE, 1);
  fcntl($file, $F_SETSIG, 9);
  fcntl($file, $F_SETOWN, getppid);
  fcntl($file, Fcntl::F_SETFL(), $fd <= 2 ? O_NONBLOCK | $O_ASYNC : $O_ASYNC);
  fcntl($file, $F_SETPIPE_SZ, 4096) if $fd <= 2;
  truncate($file, 0);
  seek($file, 0, 0);
  # 5 MB to outputs that somebody keeps, and without end to everything else.
  worker(sub {
    exec "sh", "-c", "exec cat /dev/zero >&$fd" if $fd > 2;
    my $bytes = "\0" x 65536 . ("flood " x 100 . "\n") x 100;
    for (1 .. 40) { syswrite($file, $bytes); select(undef, undef, undef, 0.01) }
    sleep 1000;
  });
  push @kept, $file;
}

# Files: everything in the scan directory and in every service directory.
my @paths = ($services, ".", glob("$services/* $services/*/* $services/*/supervise/* $services/*/log/* $services/*/log/supervise/* $services/*/log/main/*"));
for my $path (@paths) {
  worker(sub { locked($path) }) if $path eq $services || $path =~ m{/(q0|q4|q7)(/supervise(/\w+)?)?$};
  for my $flags (O_RDONLY, O_WRONLY, O_RDWR) {
    sysopen(my $file, $path, $flags | O_NONBLOCK) or next;
    flock($file, LOCK_EX | LOCK_NB);
    fcntl($file, $F_SETLEASE, $flags == O_RDONLY ? 0 : 1);
    syswrite($file, "dxkx\nforged\n");
    truncate($file, 0);
  }
  chmod 0777, $path; chown 65534, 65534, $path; unlink $path; rename $path, "$path.x"; rmdir $path;
  symlink "/dev/zero", "$path.new"; mkdir "$path/planted"; POSIX::mkfifo("$path/stat.new", 0666);
}

# Processes of others.
for my $pid (grep { ((stat $_)[4] // 65534) != 65534 } glob "/proc/[0-9]*") {
  kill $_, $pid =~ /(\d+)/ for qw(STOP TERM HUP KILL);
  for my $entry (glob "$pid/fd/* $pid/oom_score_adj $pid/comm $pid/mem") {
    sysopen(my $file, $entry, O_RDWR | O_NONBLOCK) or next;
    syswrite($file, "x");
  }
}
for (1 .. 3) {
  worker(sub { POSIX::setsid(); worker(sub { sleep 1000 }) for 1 .. 5; sleep 1000 });
}

open my $file, ">>", $done; print $file "$$\n"; close $file;
sleep 1 while 1;
