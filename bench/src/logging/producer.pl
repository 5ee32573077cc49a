#!/usr/bin/perl
# Writes numbered lines to standard output: producer.pl [--count n] [--length bytes] [--rate n] [--skip n] [--report file]
#
#   --count n       so many lines (1000000)
#   --length bytes  of each line, with its newline (100); it begins with its number in 12 digits
#   --rate n        so many lines a second, each by a write(2) of its own (0: as fast as they go, 1000 at a time)
#   --skip n        do not count what the first n lines took, while the logger starts (0)
#   --report file   at the end, what the writes took: "lines 100000 us 1000123 longest_us 81 over_1ms 0 over_10ms 0"
#
# A service that is held up catches up afterwards, as services do: when a line is due does not depend on the one before.
use strict;
use warnings;
use Getopt::Long;
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

my %asked = (count => 1_000_000, length => 100, rate => 0, skip => 0, report => "");
GetOptions(\%asked, "count=i", "length=i", "rate=i", "skip=i", "report=s") && $asked{length} > 13 or die "usage: see the head of $0\n";
my ($longest, $over1, $over10) = (0, 0, 0);
my $filler = "x" x ($asked{length} - 14);
my $started = clock_gettime(CLOCK_MONOTONIC);

sub put {
    my ($bytes) = @_;
    for (my $at = 0; $at < length $bytes;) {
        my $before = clock_gettime(CLOCK_MONOTONIC);
        my $count = syswrite STDOUT, $bytes, length($bytes) - $at, $at;
        my $took = clock_gettime(CLOCK_MONOTONIC) - $before;
        die "unable to write: $!\n" unless defined $count;
        $at += $count;
        $longest = $took if $took > $longest;
        $over1++ if $took > 0.001;
        $over10++ if $took > 0.01;
    }
}

if ($asked{rate} > 0) {
    for (my $number = 0; $number < $asked{count}; $number++) {
        if ($number % 100 == 0) {
            my $early = $started + $number / $asked{rate} - clock_gettime(CLOCK_MONOTONIC);
            sleep $early if $early > 0;
        }
        ($longest, $over1, $over10) = (0, 0, 0) if $number == $asked{skip};
        put(sprintf "%012d %s\n", $number, $filler);
    }
} else {
    # Nine digits are put between parts that stay the same: no formatting of lines, which would take longer than to log them.
    my @parts = ("", map { sprintf "%03d %s\n", $_, $filler } 0 .. 999);
    for (my $number = 0; $number < $asked{count}; $number += 1000) {
        my $left = $asked{count} - $number;
        splice @parts, $left + 1 if $left < 1000;
        put(join sprintf("%09d", $number / 1000), @parts);
    }
}
if ($asked{report} ne "") {
    my $us = (clock_gettime(CLOCK_MONOTONIC) - $started) * 1e6;
    open my $report, ">", "$asked{report}.new" or die "unable to open $asked{report}.new: $!\n";
    printf $report "lines %d us %d longest_us %d over_1ms %d over_10ms %d\n", $asked{count}, $us, $longest * 1e6, $over1, $over10;
    close $report or die "unable to write $asked{report}.new: $!\n";
    rename "$asked{report}.new", $asked{report} or die "unable to rename $asked{report}.new: $!\n";
}
