/**
 * A server for `perl server.pl PORT TEXT`: it answers each line with the text, and ends on TERM with 0. If descriptor 3
 * is open, it says there when it is ready. Needs nothing but perl-base.
 */
export const smallServer: string = `use strict;
use IO::Handle;
use IO::Socket::INET;
my ($port, $text) = @ARGV;
STDOUT->autoflush(1);
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 16, ReuseAddr => 1);
if (!$server) {
  print STDERR "unable to listen on port $port\\n";
  exit 78;
}
# A client that only checks the port has gone before the answer.
$SIG{PIPE} = "IGNORE";
$SIG{TERM} = sub { print "stops\\n"; exit 0 };
print "listens on port $port\\n";
if (open my $ready, ">&=", 3) {
  print $ready "\\n";
  close $ready;
}
while (1) {
  my $client = $server->accept or next;
  my $line = <$client>;
  print $client "$text\\n";
  close $client;
}
`;

/** The check script of a service that listens on that port. */
export function listensOn(port: number | string): string {
  return `exec bash -c ": </dev/tcp/127.0.0.1/${port}"`;
}
