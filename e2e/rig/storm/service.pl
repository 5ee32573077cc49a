#!/usr/bin/perl
# A service of a storm: writes numbered lines to its log, and says behind each write which number is written.
# It is started in its directory, whose file `id` names it; `../..` has what all of them share.
use strict; use warnings; use Fcntl qw(:flock); use Time::HiRes qw(time sleep);
open my $in, "<", "id" or die; chomp(my ($id, $root) = <$in>); close $in;
my $start = sprintf "%d-%d-%.6f", $id, $$, time;
# The kernel lets go of it before anybody can learn that we have ended.
open my $only, ">>", "only" or die;
unless (flock $only, LOCK_EX | LOCK_NB) {
  open my $faults, ">>", "$root/faults" or die; syswrite $faults, "a second process of service $id\n"; exit 1;
}
my $ends = 0;
$SIG{$_} = sub { $ends = 1 } for qw(TERM INT);
$SIG{$_} = "IGNORE" for qw(HUP ALRM USR1 USR2 PIPE);
open my $written, ">", "$root/written/$start" or die;
my $number = 0;
until ($ends) {
  my $count = 1 + int rand 8;
  my $lines = join "", map { sprintf "%s %d\n", $start, $number++ } 1 .. $count;
  for (my $at = 0; $at < length $lines;) {
    my $done = syswrite STDOUT, $lines, length($lines) - $at, $at;
    # Without a reader there is no log that could lose it.
    exit 1 unless defined $done || $!{EINTR};
    $at += $done // 0;
  }
  sysseek $written, 0, 0; syswrite $written, sprintf "%012d", $number;
  sleep 0.05 + rand 0.4;
}
