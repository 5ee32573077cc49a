import { lost, needless } from "../outcome.ts";
import { always } from "../subject.ts";
import type { UnitSubject } from "./subject.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What keeps the program from parts of the system. */
const sandbox = always<string, never>(
  lost(
    "it is not confined in this way",
    "let the container do it, or write bwrap, setpriv or unshare in front of the program in run",
  ),
  words(`ProtectSystem ProtectHome ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups
    ProtectClock ProtectHostname ProtectProc ProcSubset PrivateTmp PrivateDevices PrivateNetwork PrivateUsers PrivateMounts
    PrivateIPC PrivatePIDs PrivateBPF NoNewPrivileges RestrictAddressFamilies RestrictNamespaces RestrictRealtime
    RestrictSUIDSGID RestrictFileSystems LockPersonality MemoryDenyWriteExecute RemoveIPC SystemCallFilter
    SystemCallArchitectures SystemCallErrorNumber SystemCallLog CapabilityBoundingSet AmbientCapabilities SecureBits
    ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths ReadWriteDirectories ReadOnlyDirectories
    InaccessibleDirectories BindPaths BindReadOnlyPaths MountFlags MountAPIVFS MountImages ExtensionImages
    ExtensionDirectories RootDirectory RootImage RootImageOptions RootHash RootVerity RootEphemeral NetworkNamespacePath
    IPCNamespacePath AppArmorProfile SELinuxContext SmackProcessLabel KeyringMode BindLogSockets PrivatePIDs ProtectControlGroupsEx
    IPAddressAllow IPAddressDeny SocketBindAllow SocketBindDeny RestrictNetworkInterfaces DeviceAllow DevicePolicy
    IPIngressFilterPath IPEgressFilterPath BPFProgram NFTSet UserNamespacePath DelegateSubgroup CoredumpFilter`),
);

/** What a control group gives and takes. */
const resources = always<string, never>(
  lost("it has no control group of its own", "give the limit to the container, or to the unit that starts runsvdir"),
  words(`CPUAccounting CPUQuota CPUQuotaPeriodSec CPUWeight StartupCPUWeight CPUShares StartupCPUShares AllowedCPUs
    StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes MemoryAccounting MemoryMin MemoryLow MemoryHigh MemoryMax
    MemorySwapMax MemoryZSwapMax MemoryZSwapWriteback MemoryLimit StartupMemoryMin StartupMemoryLow StartupMemoryHigh
    StartupMemoryMax StartupMemorySwapMax StartupMemoryZSwapMax TasksAccounting TasksMax IOAccounting IOWeight
    StartupIOWeight IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax
    IODeviceLatencyTargetSec BlockIOAccounting BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight
    BlockIOReadBandwidth BlockIOWriteBandwidth IPAccounting Slice Delegate DisableControllers ManagedOOMSwap
    ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit ManagedOOMMemoryPressureDurationSec ManagedOOMPreference
    MemoryPressureWatch MemoryPressureThresholdSec OOMPolicy`),
);

const scheduling = always<string, never>(
  lost("it is scheduled as runsvdir is", "write chrt, ionice, taskset or numactl in front of the program in run"),
  words(`CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork CPUAffinity NUMAPolicy NUMAMask
    IOSchedulingClass IOSchedulingPriority TimerSlackNSec MemoryKSM Personality`),
);

const credentials = always<string, never>(
  lost("no credentials are handed over", "let the program read the file, or let run export it"),
  words(`LoadCredential LoadCredentialEncrypted SetCredential SetCredentialEncrypted ImportCredential PAMName`),
);

const sockets = always<string, never>(
  lost("nobody opens sockets for it", "let the program open its socket itself"),
  words(`Sockets FileDescriptorStoreMax FileDescriptorStorePreserve NonBlocking OpenFile USBFunctionDescriptors
    USBFunctionStrings`),
);

const watchdogs = always<string, never>(
  lost("nobody watches how long it takes", "write timeout in front of the program in run, or a check that sv monitors"),
  words(`WatchdogSec WatchdogSignal RuntimeMaxSec RuntimeRandomizedExtraSec TimeoutAbortSec TimeoutStartFailureMode
    TimeoutStopFailureMode JobTimeoutSec JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument`),
);

const journal = always<string, never>(
  needless("svlogd, or who reads the output of runsvdir, decides about logs"),
  words(`SyslogFacility SyslogLevel SyslogLevelPrefix LogLevelMax LogExtraFields LogRateLimitIntervalSec
    LogRateLimitBurst LogFilterPatterns LogNamespace`),
);

const terminals = always<string, never>(
  lost("it gets no terminal", "write agetty, or setsid -c with redirections, into run"),
  words(`TTYPath TTYReset TTYVHangup TTYVTDisallocate TTYRows TTYColumns UtmpIdentifier UtmpMode`),
);

const harmless = always<string, never>(
  needless("it is so anyway, or for people"),
  words(`Documentation SourcePath IgnoreSIGPIPE RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies
    StopWhenUnneeded CollectMode SurviveFinalKillSignal IgnoreOnIsolate ReloadSignal SetLoginEnvironment
    StateDirectoryQuota StateDirectoryAccounting RebootArgument Markers RootDirectoryStartOnly PermissionsStartOnly`),
);

const actions = always<string, never>(
  lost("nothing happens beside the service", "write flag-critical, which stops everything when it fails for good"),
  words(
    "FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus OnFailureJobMode OnSuccessJobMode",
  ),
);

const conditions = always<string, never>(
  lost("it is started whether that holds or not", "test it in run: exit 0 with never in restart, or write down"),
  ["Condition", "Assert"].flatMap((kind) =>
    words(`Architecture Firmware Virtualization Host KernelCommandLine KernelVersion Version Credential Environment
      Security Capability ACPower NeedsUpdate FirstBoot PathExists PathExistsGlob PathIsDirectory PathIsSymbolicLink
      PathIsMountPoint PathIsReadWrite PathIsEncrypted DirectoryNotEmpty FileNotEmpty FileIsExecutable User Group
      ControlGroupController Memory CPUs CPUFeature OSRelease MemoryPressure CPUPressure IOPressure KernelModuleLoaded`).map(
      (what) => kind + what,
    ),
  ),
);

const places = always<string, never>(
  needless("what it needs is there before runsvdir starts"),
  words("RequiresMountsFor WantsMountsFor JoinsNamespaceOf"),
);

/** Keys whose values do not matter. */
export const otherSubjects: readonly UnitSubject[] = [
  sandbox,
  resources,
  scheduling,
  credentials,
  sockets,
  watchdogs,
  journal,
  terminals,
  harmless,
  actions,
  conditions,
  places,
] as readonly UnitSubject[];

/** The keys of `[Install]`. */
export const installSubjects: readonly UnitSubject[] = [
  always(needless("runsvdir starts what is in its directory"), ["WantedBy", "RequiredBy", "UpheldBy"]),
  always(lost("the service has one name", "make a link with the other name, and no second one in the same directory"), [
    "Alias",
  ]),
  always(lost("no other unit is enabled with it", "import that as well"), ["Also"]),
  always(needless("the instance that was named is imported"), ["DefaultInstance"]),
];
