#!/bin/sh
# Makes host keys where there are none and the sshd service is enabled; with -f also where it is not enabled.
if [ "${1-}" != -f ]; then
  [ -d /etc/service/sshd ] && [ ! -e /etc/service/sshd/down ] || exit 0
fi
command -v ssh-keygen >/dev/null || exit 0
for key in /etc/ssh/ssh_host_*_key; do
  if [ -e "$key" ]; then exit 0; fi
done
echo 'No SSH host keys yet, making some'
exec ssh-keygen -A
