#!/usr/bin/env bats
# holdfast run: exit statuses, what the command finds inside, what a refusal says. On this machine's kernel; the kernels'
# differences are the matrix's.

bats_require_minimum_version 1.5.0
load helpers

@test "the command's own exit status is passed on" {
    run "$HOLDFAST" run -- sh -c 'exit 7'
    expect_status 7
}

@test "a command that a signal ends gives 128 and the signal's number" {
    run "$HOLDFAST" run -- sh -c 'kill -9 $$'
    expect_status 137
}

@test "a command past its time limit gives 124" {
    run "$HOLDFAST" run --timeout 1 --report report.json -- sleep 30
    expect_status 124
    [ "$(field '["exit"]["kind"]')" = timeout ]
}

@test "a command that ignores SIGTERM is killed at its time limit" {
    run "$HOLDFAST" run --timeout 1 -- sh -c 'trap "" TERM; while :; do sleep 0.1; done'
    expect_status 124
}

@test "a command that is not there gives 127 and says so" {
    run -127 "$HOLDFAST" run --report report.json -- no-such-command
    expect_status 127
    expect_output "no such command: no-such-command"
    [ "$(field '["outcome"]')" = exec-failed ]
}

@test "a file that is no program gives 126" {
    run "$HOLDFAST" run --report report.json -- /etc/passwd
    expect_status 126
    expect_output "HF-EXEC-FAILED"
    [ "$(field '["error"]["errno"]')" = EACCES ]
}

@test "no command at all gives 125 and the usage" {
    run "$HOLDFAST" run
    expect_status 125
    expect_output "no command to run"
}

@test "an option that is none gives 125 and starts nothing" {
    run "$HOLDFAST" run --polcy x -- touch started
    expect_status 125
    [ ! -e started ]
}

@test "a policy with faults starts nothing and names every one of them by line" {
    policy <<EOF
version: 1
filesystem_policy:
  read_onyl: [/usr]
landlock:
  compatibility: hard_requirment
EOF
    run "$HOLDFAST" run --policy policy.yaml --report report.json -- touch started
    expect_status 125
    expect_output "policy.yaml:3:3: "
    expect_output "policy.yaml:5:18: "
    [ ! -e started ]
    [ "$(field '["error"]["id"]')" = HF-POLICY-INVALID ]
}

@test "the command cannot write outside of what the default set allows" {
    run "$HOLDFAST" run -- sh -c 'touch here && ! touch /usr/holdfast-test 2>/dev/null'
    expect_status 0
    [ -e here ]
}

@test "the command has no capability in any set and cannot gain privileges" {
    run "$HOLDFAST" run -- grep -E '^(Cap|NoNewPrivs)' /proc/self/status
    expect_status 0
    for set in Inh Prm Eff Bnd Amb; do
        expect_output "Cap$set:	0000000000000000"
    done
    expect_output "NoNewPrivs:	1"
}

@test "an ordinary user gets the same sandbox" {
    mkdir open && chmod 777 open && cd open
    run as_ordinary_user "$HOLDFAST" run --report report.json -- grep -E '^(CapBnd|CapEff|Uid)' /proc/self/status
    expect_status 0
    expect_output "CapEff:	0000000000000000"
    expect_output "CapBnd:	0000000000000000"
    [ "$(field '["enforced"]["network_namespace"]')" = True ]
}

@test "where no user namespace is to be had an ordinary user's start is refused, and says what to do" {
    mkdir open && chmod 777 open && cd open
    cp "$HOLDFAST" . # the tree may lie where an ordinary user may not go
    as_ordinary_user unshare --user --map-current-user true || skip "no user namespace to forbid others in"
    # The limit is one of the namespace it is written in, by who has capabilities there; holdfast then has none.
    run as_ordinary_user unshare --user --map-current-user --keep-caps sh -c 'echo 0 > /proc/sys/user/max_user_namespaces &&
        exec setpriv --inh-caps=-all --ambient-caps=-all "$@"' sh ./holdfast run --report report.json -- touch started
    expect_status 125
    expect_output "HF-NAMESPACE-UNAVAILABLE"
    expect_output "user.max_user_namespaces"
    [ "$(field '["error"]["errno"]')" = ENOSPC ]
    [ ! -e started ]
}

@test "an ordinary user cannot become somebody else and is told so with the line" {
    policy <<EOF
version: 1
process:
  run_as_user: root
EOF
    chmod 644 policy.yaml
    mkdir open && chmod 777 open && cd open
    run as_ordinary_user "$HOLDFAST" run --policy ../policy.yaml -- true
    expect_status 125
    expect_output "HF-IDENTITY-NOT-PERMITTED"
    expect_output "because of ../policy.yaml:3:16"
}

@test "a user that does not exist refuses the start" {
    policy <<EOF
version: 1
process:
  run_as_user: no-such-user-here
EOF
    run "$HOLDFAST" run --policy policy.yaml -- true
    expect_status 125
    expect_output "HF-IDENTITY-UNKNOWN"
}

@test "a name that begins with digits is a name and no number" {
    policy <<EOF
version: 1
process:
  run_as_user: 12x
EOF
    run "$HOLDFAST" run --policy policy.yaml -- true
    expect_status 125
    expect_output "HF-IDENTITY-UNKNOWN"
}

@test "root can run the command as a user with the user's groups" {
    [ "$(id -u)" = 0 ] || skip "needs root"
    policy <<EOF
version: 1
process:
  run_as_user: daemon
EOF
    run "$HOLDFAST" run --policy policy.yaml --workdir / --mode block -- true
    expect_status 125
    chmod 777 .
    run "$HOLDFAST" run --policy policy.yaml -- id -u
    expect_status 0
    expect_output "$(id -u daemon)"
}

@test "the command inherits no descriptor but 0, 1 and 2" {
    exec 7</etc/passwd 900</etc/passwd
    run "$HOLDFAST" run -- sh -c 'ls /proc/self/fd'
    expect_status 0
    [ "$(echo "$output" | grep -cxE '7|900')" -eq 0 ]
}

@test "standard input, output and error pass through untouched" {
    run bash -c "printf 'a\0b' | '$HOLDFAST' run -- cat 2>/dev/null | od -An -c"
    expect_output "a  \\0   b"
}

@test "a path of the policy that is missing is left out with a warning under best_effort" {
    policy <<EOF
version: 1
filesystem_policy:
  read_only: [/usr, /lib, /lib64, /bin, /no/such/path]
EOF
    run "$HOLDFAST" run --policy policy.yaml --report report.json -- true
    expect_status 0
    expect_output "policy.yaml:3:41: /no/such/path is left out (ENOENT)"
    [ "$(field '["outcome"]')" = degraded ]
    [ "$(field '["enforced"]["skipped"][0]["path"]')" = /no/such/path ]
}

@test "the same path refuses the start under hard_requirement, with its line" {
    policy <<EOF
version: 1
filesystem_policy:
  read_only: [/usr, /lib, /lib64, /bin, /no/such/path]
landlock: {compatibility: hard_requirement}
EOF
    run "$HOLDFAST" run --policy policy.yaml -- touch started
    expect_status 125
    expect_output "HF-PATH-MISSING"
    expect_output "because of policy.yaml:3:41"
    [ ! -e started ]
}

@test "under hard_requirement every missing path is named, each with its line" {
    policy <<EOF
version: 1
filesystem_policy:
  read_only: [/usr, /no/such/path]
  read_write: [/nor/this, /dev/null]
landlock: {compatibility: hard_requirement}
EOF
    run "$HOLDFAST" run --policy policy.yaml --report report.json -- true
    expect_status 125
    expect_output ": /no/such/path, /nor/this (line 4, ENOENT) (ENOENT: "
    expect_output "because of policy.yaml:3:21"
    [ "$(field '["error"]["object"]')" = "/no/such/path, /nor/this (line 4, ENOENT)" ]
}

@test "a policy that is not there is told apart from one with faults" {
    run "$HOLDFAST" run --policy absent.yaml --report report.json -- touch started
    expect_status 125
    expect_output "absent.yaml: cannot open the policy file: No such file or directory"
    expect_output "HF-POLICY-UNREADABLE"
    [ ! -e started ]
    [ "$(field '["error"]["id"]')" = HF-POLICY-UNREADABLE ]
}

@test "paths that are no UTF-8 stand in the report, such bytes escaped" {
    mkdir $'w\xff' && printf 'version: 1\nfilesystem_policy: {include_workdir: true, read_only: [/usr, /gone]}\n' > $'p\xfe'
    run -127 "$HOLDFAST" run --policy $'p\xfe' --workdir $'w\xff' --report report.json -- $'/no\xfd'
    expect_status 127
    [ "$(field '["plan"]["workdir"]')" = "$WORK/w\\xff" ]
    [ "$(field '["error"]["object"]')" = '/no\xfd' ]
    [[ "$(field '["warnings"]')" == *'p\\xfe:2:62: /gone is left out'* ]]
}

@test "a policy that forgets the loader and the libraries is refused before the start, each named" {
    policy <<EOF
version: 1
filesystem_policy:
  read_only: [$(readlink -f "$(type -P true)")]
EOF
    run "$HOLDFAST" run --policy policy.yaml --report report.json -- true
    expect_status 125
    expect_output "HF-EXEC-UNREACHABLE"
    expect_output "(the ELF loader"
    expect_output "libc.so.6 (a library"
}

@test "an empty list is the whole truth, and nothing can be executed" {
    policy <<EOF
version: 1
filesystem_policy:
  read_only: []
EOF
    run "$HOLDFAST" run --policy policy.yaml -- true
    expect_status 125
    expect_output "HF-EXEC-UNREACHABLE"
}

@test "a script whose interpreter is out of reach is refused with the interpreter named" {
    mkdir hidden && cp "$(type -P sh)" hidden/sh
    printf '#!%s/hidden/sh\n' "$WORK" > script && chmod 755 script
    policy <<EOF
version: 1
filesystem_policy:
  read_only: [/usr, /lib, /lib64, /bin, $WORK/script]
EOF
    run "$HOLDFAST" run --policy policy.yaml -- ./script
    expect_status 125
    expect_output "hidden/sh (a script's interpreter)"
}

@test "a symbolic link to a program is followed to where it leads" {
    ln -s "$(type -P true)" link
    run "$HOLDFAST" run -- ./link
    expect_status 0
}

@test "what the command leaves running is gone when it ends" {
    run "$HOLDFAST" run -- sh -c 'setsid sleep 4321 & sleep 4321 & exit 3'
    expect_status 3
    run pgrep -f 'sleep 4321'
    expect_status 1
}

@test "SIGTERM to holdfast reaches the command" {
    "$HOLDFAST" run -- sh -c 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.05; done' > out 2>&1 &
    pid=$!
    for _ in $(seq 100); do grep -q ready out && break; sleep 0.05; done
    kill -TERM "$pid"
    wait "$pid" || status=$?
    [ "$status" -eq 9 ]
    grep -q "got it" out
}

@test "in block mode there is no IP socket" {
    run "$HOLDFAST" run -- perl -MSocket -e 'socket(my $s, AF_INET, SOCK_STREAM, 0) or die "$!\n"'
    expect_output "Permission denied"
}

@test "in proxy mode the command is told of the proxy in both cases, and the proxy answers 403 to what is not allowed" {
    run "$HOLDFAST" run --mode proxy -- sh -c 'echo "$https_proxy $HTTPS_PROXY"; curl -s -o /dev/null -w "%{http_connect}" https://blocked.test/'
    expect_output "http://127.0.0.1:"
    expect_output "403"
}

@test "the run's own directory is gone after the run" {
    run "$HOLDFAST" run --mode proxy -- sh -c 'cat "$HOLDFAST_RUN_DIRECTORY/proxy.env"; echo "$HOLDFAST_RUN_DIRECTORY" > where'
    expect_status 0
    expect_output "HTTPS_PROXY=http://127.0.0.1:"
    [ ! -e "$(cat where)" ]
}

@test "a report that cannot be written refuses the start" {
    run "$HOLDFAST" run --report /no/such/folder/report.json -- touch started
    expect_status 125
    expect_output "HF-REPORT-UNWRITABLE"
    [ ! -e started ]
}

@test "a report is written where the caller has standard output closed" {
    "$HOLDFAST" run --report report.json -- true >&-
    [ "$(field '["exit"]["status"]')" = 0 ]
}

@test "a working directory of / is not made writable" {
    run "$HOLDFAST" run --workdir / -- true
    expect_status 125
    expect_output "HF-WORKDIR-ROOT"
}

@test "the proxy of a root that lacks capabilities has none itself" {
    [ "$(id -u)" = 0 ] || skip "only root has capabilities"
    # prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN), and root loses it at the next exec
    perl -e 'syscall(157, 24, 12, 0, 0, 0) == 0 && exec @ARGV' \
        "$HOLDFAST" run --mode proxy -- sh -c 'touch up; sleep 0.5' 3>&- &
    for _ in $(seq 200); do [ -e up ] && break; sleep 0.05; done
    read -ra children <<< "$(cat "/proc/$!/task/$!/children")"
    [ "${#children[@]}" -eq 2 ] # init and the proxy
    for child in "${children[@]}"; do
        grep -q "^CapPrm:.0000000000000000" "/proc/$child/status"
    done
    wait "$!"
}

@test "root can use it in a chroot that is no mount point, and what it mounts stays its own" {
    [ "$(id -u)" = 0 ] || skip "only root can chroot"
    mkdir -p root/{usr,proc,dev,tmp,etc} && cp "$HOLDFAST" root/holdfast
    for link in bin sbin lib lib64; do [ ! -L "/$link" ] || cp -P "/$link" root; done
    run unshare -m --propagation shared sh -c 'for at in usr proc dev; do mount --rbind /$at root/$at || exit 1; done
        before=$(grep -c " proc " /proc/self/mountinfo)
        chroot root /holdfast run --workdir /tmp -- true && [ "$(grep -c " proc " /proc/self/mountinfo)" -eq "$before" ]'
    expect_status 0
}

@test "a limit above the caller's own refuses the start, and names both and the line" {
    policy <<EOF
version: 1
process:
  limits: {open_files: 300}
EOF
    run sh -c 'ulimit -n 200; exec "$@"' sh "$HOLDFAST" run --policy policy.yaml --report report.json -- touch started
    expect_status 125
    expect_output "refused at limits: "
    expect_output "process.limits.open_files: 300, and the caller's hard limit is 200 (EPERM"
    expect_output "because of policy.yaml:3:24"
    [ "$(field '["error"]["id"]')" = HF-LIMIT-TOO-HIGH ]
    [ ! -e started ]
}

@test "a plan shows the limits with their lines, and that core dumps are off" {
    policy <<EOF
version: 1
process:
  limits: {cpu_time: 90s}
resources: {memory: 64MiB, cpu: 1.5}
EOF
    run "$HOLDFAST" plan --policy policy.yaml
    expect_output "at most: process.limits.cpu_time 90s (policy.yaml:3:22)"
    expect_output "at most: process.limits.core 0 (baseline)"
    expect_output "at most: resources.memory 64MiB (policy.yaml:4:21)"
    expect_output "at most: resources.cpu 1.5 (policy.yaml:4:33)"
    "$HOLDFAST" plan --policy policy.yaml --json > report.json
    [ "$(field '["limited"][2]["at_most"]')" = 67108864 ]
    [ "$(field '["limited"][2]["origin"]')" = policy:4:21 ]
}

@test "limits of a cgroup where there is none to give refuse the start with their line, and run nothing" {
    policy <<EOF
version: 1
resources: {pids: 20}
EOF
    mkdir open && chmod 777 open && cd open
    run as_ordinary_user "$HOLDFAST" run --policy ../policy.yaml --report report.json -- touch started
    # On a machine where the tests themselves run in a delegated cgroup of their own, they may be had.
    [ "$status" -ne 0 ] || skip "this user has a cgroup to give"
    expect_status 125
    expect_output "because of ../policy.yaml:2:19"
    expect_output "systemd-run --user --scope -p Delegate=yes"
    [ "$(field '["error"]["id"]')" = HF-CGROUP-UNAVAILABLE ]
    [ "$(field '["error"]["stage"]')" = limits ]
    [ ! -e started ]
}

@test "a command that its own limit ends is told with the limit and its line" {
    policy <<EOF
version: 1
process:
  limits: {cpu_time: 1s, file_size: 1MiB}
EOF
    run "$HOLDFAST" run --policy policy.yaml --report report.json -- sh -c 'while :; do :; done'
    expect_status 152
    expect_output "holdfast: the cpu_time limit ended the command (1s, because of policy.yaml:3:22)"
    [ "$(field '["reached"][0]["key"]')" = process.limits.cpu_time ]
    run "$HOLDFAST" run --policy policy.yaml -- dd if=/dev/zero of=big bs=1M count=2
    expect_status 153
    expect_output "holdfast: the file_size limit ended the command (1MiB, because of policy.yaml:3:37)"
}
