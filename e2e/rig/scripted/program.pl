# The program behind every scripted run, finish, control/*, check and log/run. A scripted file sets
#   our ($role, $directory, @plan)
# and then evaluates this file. Its facts and what happens to it go as JSON lines into DIRECTORY/journal,
# one append per event, so that the journal is in the order in which things happened across all processes.
# It first carries out its plan, then obeys commands that come over the socket DIRECTORY/socket.
#
# Perl, and no module: perl is on every Debian, starts in 2 ms, and Socket or POSIX would add 10 ms to each start.
use strict;
use warnings;
our ($role, $directory, @plan);

my $connection;
my $waiting_commands = '';
my ($log_file, $on_end, $leaving) = (undef, 'exit 0', undef);
$SIG{FPE} = 'DEFAULT';    # Perl ignores it.

sub now { open(my $f, '<', '/proc/uptime') or return 0; return int((split ' ', <$f>)[0] * 1000 + 0.5) }

sub json {
    my ($value) = @_;
    return 'null' unless defined $value;
    return '[' . join(',', map { json($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return '{' . join(',', map { json("$_") . ':' . json($value->{$_}) } sort keys %$value) . '}' if ref $value eq 'HASH';
    return $$value if ref $value eq 'SCALAR';
    $value =~ s/([\\"])/\\$1/g;
    $value =~ s/([\x00-\x1f\x7f])/sprintf '\\u%04x', ord $1/ge;
    return "\"$value\"";
}

sub number { my $number = 0 + $_[0]; return \"$number" }

sub journal {
    my ($event, %facts) = @_;
    my $line = json({ event => $event, role => $role, pid => number($$), at => number(now()), %facts }) . "\n";
    open(my $f, '>>', "$directory/journal") or return;
    syswrite $f, $line;
    close $f;
}

sub facts {
    opendir(my $d, '/proc/self/fd') or die "$role: /proc/self/fd: $!";
    my @numbers = grep { /^\d+$/ } readdir $d;
    closedir $d;
    my %fds;
    for (@numbers) { my $target = readlink "/proc/self/fd/$_"; $fds{$_} = $target if defined $target }
    open(my $stat, '<', '/proc/self/stat') or die "$role: /proc/self/stat: $!";
    my @stat = split ' ', (<$stat> =~ s/.*\) //sr);
    open(my $status, '<', '/proc/self/status') or die "$role: /proc/self/status: $!";
    my %status = map { /^(\w+):\s*(.*)/ ? ($1, $2) : () } <$status>;
    return (
        argv => [$0, @ARGV], cwd => readlink '/proc/self/cwd', env => {%ENV}, fds => \%fds,
        ppid => number($stat[1]), pgid => number($stat[2]), sid => number($stat[3]), startedAt => number($stat[19] * 10),
        umask => sprintf('%04o', umask), uid => number($<), gid => number($( + 0),
        blockedSignals => $status{SigBlk}, ignoredSignals => $status{SigIgn},
    );
}

# The next signal may interrupt a handler, and would be recorded first: so handlers only put it into a list.
my (@arrived, $is_settling);
sub settle {
    return if $is_settling;
    $is_settling = 1;
    while (my $signal = shift @arrived) {
        my ($name, $code) = @$signal;
        journal('signal', signal => $name);
        # A logger leaves between two bytes: what it has read must have been written.
        defined $log_file ? ($leaving = $code) : finish($code) if defined $code;
    }
    $is_settling = 0;
}

# The verbs of plans and commands. What a verb returns is the answer to the command.
my %verb = (
    trap    => sub { for my $name (@_) { $SIG{$name} = sub { push @arrived, [$name]; settle() } } },
    'exit-on' => sub {
        my ($name, $code) = @_;
        $SIG{$name} = sub { push @arrived, [$name, $code // 0]; settle() };
    },
    ignore  => sub { $SIG{$_} = 'IGNORE' for @_ },
    default => sub { $SIG{$_} = 'DEFAULT' for @_ },
    exit    => sub { finish($_[0] // 0) },
    die     => sub { journal('die', signal => $_[0]); $SIG{$_[0]} = 'DEFAULT'; kill $_[0], $$; pause(1) while 1 },
    line    => sub { put(\*STDOUT, "@_\n") },
    complain => sub { put(\*STDERR, "@_\n") },
    lines   => \&put_lines,
    alone   => \&claim,
    close   => sub { open(my $f, '<&=', $_[0]) or die "fd $_[0]: $!"; close $f },
    sleep   => sub { my $end = now() + $_[0] * 1000; while ((my $left = $end - now()) > 0) { pause($left / 1000) } },
    note    => sub { journal('note', text => "@_") },
    log     => sub { $log_file = $_[0] },
    'on-end' => sub { $on_end = "@_" },
    session => sub { require POSIX; POSIX::setsid() },
    group   => sub { setpgrp(0, 0) },
    fork    => sub { spawn_child("@_") },
);

sub pause { select(undef, undef, undef, $_[0]) }
sub interrupted { return $! == 4 }    # EINTR; the hash %! would load a module.

sub put {
    my ($handle, $text) = @_;
    my $done = 0;
    while ($done < length $text) {
        my $n = syswrite $handle, $text, length($text) - $done, $done;
        die "write: $!" if !defined $n && !interrupted();
        $done += $n // 0;
    }
}

sub put_lines {
    my ($prefix, $count, $seconds) = @_;
    for (1 .. $count) {
        put(\*STDOUT, sprintf "%s%04d\n", $prefix, $_);
        pause($seconds) if defined $seconds;
    }
}

# The lock lasts as long as the process.
my $claim;
sub claim {
    open($claim, '>>', $_[0]) or die "$_[0]: $!";
    journal('note', text => 'not alone') unless flock($claim, 6);    # LOCK_EX | LOCK_NB
}

sub finish { journal('exit', code => number($_[0])); exit $_[0] }

sub perform {
    my ($name, @words) = split ' ', $_[0];
    my $action = $verb{$name} or die "$role: no such verb: $name";
    return $action->(@words);
}

# A child with a plan of its own (verbs separated by `;`), reachable under ROLE/child.
sub spawn_child {
    my ($text) = @_;
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    return $pid if $pid;
    close $connection if $connection;
    undef $connection;
    $waiting_commands = '';
    undef $log_file;
    $role .= '/child';
    @plan = grep { /\S/ } split /;/, $text;
    live();
    exit 0;
}

sub connect_to_rig {
    # AF_UNIX and SOCK_STREAM are 1 on Linux.
    socket(my $handle, 1, 1, 0) or return;
    connect($handle, pack('S a108', 1, "$directory/socket")) or return;
    fcntl($handle, 2, 1);
    put($handle, "hello $$ $role\n");
    return $handle;
}

# Copies one byte at a time: what was not read stays in the pipe for the next logger.
sub copy_input {
    my $n = sysread STDIN, my $byte, 1;
    return if !defined $n;
    if ($n == 0) {
        journal('end-of-input');
        undef $log_file;
        perform($on_end) if $on_end ne '';
        return;
    }
    open(my $f, '>>', $log_file) or die "$log_file: $!";
    syswrite $f, $byte;
    close $f;
}

sub obey {
    my $n = sysread $connection, my $text, 4096;
    return if !defined $n && interrupted();
    exit 0 if !$n;    # The rig is gone.
    $waiting_commands .= $text;
    while ($waiting_commands =~ s/^(\d+) ([^\n]*)\n//) {
        my ($number, $command) = ($1, $2);
        my $answer = eval { perform($command) };
        my $outcome = $@ eq '' ? 'ok ' . ($answer // '') : "error $@";
        $outcome =~ s/\n.*//s;
        put($connection, "$number $outcome\n");
    }
}

sub live {
    my $is_signal_setting = qr/^\s*(trap|exit-on|ignore|default)\b/;
    my $is_membership = qr/^\s*(session|group)\b/;
    perform($_) for grep { /$is_membership/ } @plan;
    my %facts = facts();
    perform($_) for grep { /$is_signal_setting/ } @plan;
    journal('start', %facts);
    perform($_) for grep { !/$is_signal_setting|$is_membership/ } @plan;
    $connection = connect_to_rig() or exit 0;
    while (1) {
        finish($leaving) if defined $leaving;
        my $read = '';
        vec($read, fileno $connection, 1) = 1;
        vec($read, fileno STDIN, 1) = 1 if defined $log_file;
        # A signal that comes just before the call does not interrupt it, so a logger looks up now and then.
        next if select($read, undef, undef, defined $log_file ? 0.05 : undef) < 1;
        copy_input() if defined $log_file && vec($read, fileno STDIN, 1);
        obey() if vec($read, fileno $connection, 1);
    }
}

live();
1;
