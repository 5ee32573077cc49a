import { lost, needless } from "../outcome.ts";
import { always } from "../subject.ts";
import type { ComposeSubject } from "./context.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Keys whose values do not matter. */
export const otherSubjects: readonly ComposeSubject[] = [
  always(
    lost("the program sees the files of this machine", "make links to where it looks, or give it the paths"),
    words(
      "volumes volumes_from tmpfs configs secrets devices device_cgroup_rules read_only shm_size storage_opt volume_driver",
    ),
  ),
  always(
    lost("the program listens on this machine itself, and all see each other", "give each one a port of its own"),
    words(
      "ports networks network_mode hostname domainname extra_hosts dns dns_search dns_opt mac_address external_links",
    ),
  ),
  always(
    needless("there are no containers to tell apart"),
    words("container_name expose labels label_file annotations platform pull_policy"),
  ),
  always(
    lost("it has no limits of its own", "give them to the container of all, or set them in run with chpst"),
    words(`cpus cpu_count cpu_percent cpu_shares cpu_period cpu_quota cpu_rt_runtime cpu_rt_period cpuset mem_limit
      mem_reservation mem_swappiness memswap_limit pids_limit oom_kill_disable blkio_config cgroup cgroup_parent runtime
      gpus`),
  ),
  always(
    lost("it is not confined in this way", "let the container of all do it"),
    words(
      "cap_add cap_drop privileged security_opt userns_mode pid ipc uts isolation sysctls credential_spec use_api_socket",
    ),
  ),
  always(
    lost("nobody deploys it", "write more service directories for more copies"),
    words("deploy scale develop provider models"),
  ),
  always(lost("logs go where runsvdir writes", "write a log directory, or log-prefix as it is"), ["logging"]),
  always(lost("it gets no terminal", "write script(1) in front of the program"), words("tty stdin_open attach")),
  always(lost("the other service is not read", "write its keys here"), ["extends"]),
  always(lost("nothing runs there", "write it into run, or into finish"), words("post_start pre_stop")),
];
