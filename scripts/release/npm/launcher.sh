#!/bin/sh
# Becomes the command of this name: the executable in the package for this machine or, where there is none, the script
# for Node. Nothing stays in between: the process that was started is the command.

name=${0##*/}
self=$(readlink -f "$0")
root=${self%/bin/*}
[ -e "$root/bin/$name" ] || name=${self##*/}

# Which C library this machine's programs use, as this shell does.
libc=
while read -r line; do
  case $line in
    */ld-musl-* | */libc.musl-*)
      libc=-musl
      break
      ;;
    */libc.so.6 | */libc-2.*) break ;;
  esac
done </proc/self/maps

# Where packages are that another one needs: beside it, or beside a directory that it is in.
place=$root
while :; do
  packages=$place/node_modules/@upkeep
  if [ -x "$packages/linux-x64$libc/bin/upkeep" ]; then
    executable=$packages/linux-x64$libc/bin/upkeep
    # Both are there where a package manager was told so.
    other=$packages/linux-arm64$libc/bin/upkeep
    if [ -x "$other" ] && [ "$(uname -m)" = aarch64 ]; then executable=$other; fi
    break
  elif [ -x "$packages/linux-arm64$libc/bin/upkeep" ]; then
    executable=$packages/linux-arm64$libc/bin/upkeep
    break
  fi
  case $place in
    ?*/*) place=${place%/*} ;;
    ?*) place= ;;
    *) break ;;
  esac
done

if [ -n "${executable:-}" ]; then
  if [ "$name" = upkeep ]; then exec "$executable" "$@"; fi
  exec "$executable" "$name" "$@"
fi

# By its own name a command can be renewed, and be found.
if [ "$name" = upkeep ] && [ $# -gt 0 ]; then
  for command in "$1" "upkeep-$1"; do
    case $command in upkeep | */*) continue ;; esac
    if [ -f "$root/node/bin/$command" ]; then
      shift
      exec node "$root/node/bin/$command" "$@"
    fi
  done
fi
exec node "$root/node/bin/$name" "$@"
