#!/usr/bin/perl
# Sends TERM to a runsvdir once its only engine has ended: perl engine-watcher.pl PID OK-FIFO SEEN
# The engine is opened again a second later. A busy test process might not look in time. It makes the file SEEN once it has
# seen the engine: of one that has ended before, it would never tell.
use strict; use warnings; use Fcntl; use Errno;
my ($pid, $ok, $seen) = @ARGV;
my $was_there = 0;
while (kill 0, $pid) {
  my $is_there = sysopen my $fifo, $ok, O_WRONLY | O_NONBLOCK;
  # Where somebody has removed the FIFO, the engine will make another.
  if ($was_there && !$is_there && $!{ENXIO}) { kill "TERM", $pid; last }
  if ($is_there && !$was_there) { $was_there = 1; open my $file, ">", $seen }
  select undef, undef, undef, 0.02;
}
