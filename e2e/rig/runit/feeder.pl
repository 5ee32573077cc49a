# feeder.pl FILE [OFFSET...] writes FILE to its standard output, a pipe, cut at these offsets. It writes each piece when
# the one before has been read, so that no read gets bytes of two.
use strict;
use warnings;
use Time::HiRes qw(sleep);

my $FIONREAD = 0x541b;
my ($path, @offsets) = @ARGV;
open my $file, "<:raw", $path or die "unable to open $path: $!\n";
my $bytes = do { local $/; <$file> } // "";
my $from = 0;
for my $to (@offsets, length $bytes) {
    while ($from < $to) {
        my $count = syswrite STDOUT, $bytes, $to - $from, $from;
        die "unable to write: $!\n" unless defined $count;
        $from += $count;
    }
    for (;;) {
        my $waiting = pack "i", 0;
        ioctl STDOUT, $FIONREAD, $waiting or die "unable to look into the pipe: $!\n";
        last if unpack("i", $waiting) == 0;
        sleep 0.0002;
    }
}
