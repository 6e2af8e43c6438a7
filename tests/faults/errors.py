"""Which errors a call can give that a start may meet: those that its manual page lists and a caller can run into. A call
without a line here gets those of the last one, and one without errors cannot fail where the caller is right: close(2)
closes whatever it returns, and wait4(2) is interrupted only where it waits. A container's seccomp filter can have any call
fail with EPERM, those that change signals for one."""

from __future__ import annotations

KILL = "KILL"  # no error: the caller is killed there
END = "END"  # nor is this: the call returns 0, as where the other end is closed
PASSING = (END, "EINTR")  # after which a caller may go on; who does not also shows by the next error of the call

_TABLE = """
access faccessat faccessat2: EACCES ENOENT ENOMEM
bind: EADDRINUSE EACCES ENOMEM
capget capset: EPERM EINVAL
chdir getcwd: EACCES ENOENT ENOMEM
chmod fchmod: EPERM EROFS
clone clone3 fork vfork: EAGAIN ENOMEM EPERM ENOSPC
close_range: EMFILE ENOMEM
connect: ECONNREFUSED EINTR EACCES
dup2 dup3 fcntl: EMFILE EBADF EBUSY
epoll_create1 epoll_ctl eventfd2 signalfd4: EMFILE ENOMEM
execve: EACCES ENOENT ENOEXEC ENOMEM E2BIG ETXTBSY
fstat newfstatat statx stat lstat fstatfs statfs readlink: EACCES ENOENT ENOMEM
getrandom: EINTR ENOSYS
getsockname getsockopt setsockopt: ENOBUFS EINVAL
ioctl: EPERM ENODEV
landlock_create_ruleset: ENOMEM EMFILE EPERM
landlock_add_rule: EINVAL ENOMEM EBADFD
landlock_restrict_self: EPERM ENOMEM E2BIG
listen: EADDRINUSE EOPNOTSUPP
mkdir rmdir unlink: EACCES ENOSPC EROFS
mmap mprotect munmap brk: ENOMEM
mount: EPERM ENOMEM EACCES
open openat: EACCES EMFILE ENFILE ENOENT ENOMEM
kill tgkill rt_sigaction rt_sigprocmask: EPERM
pipe2 socketpair socket: EMFILE ENFILE ENOBUFS
poll ppoll epoll_wait: EINTR ENOMEM
prctl: EPERM EINVAL
read: EINTR EIO ENOMEM
recvfrom recvmsg: END EINTR EIO ENOMEM
write writev sendmsg sendto: EINTR EPIPE EAGAIN
arch_prctl close exit exit_group futex getegid geteuid getgid getpid getppid gettid getuid:
lseek restart_syscall rseq rt_sigreturn set_robust_list set_tid_address umask wait4:
seccomp: EPERM EINVAL ENOMEM EACCES
setgroups setresgid setresuid setgid setuid: EPERM EAGAIN
setns unshare: EPERM ENOSPC EINVAL
*: EPERM ENOMEM
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    found = {}
    for line in table.strip().splitlines():
        names, _, errors = line.partition(":")
        found.update(dict.fromkeys(names.split(), tuple(errors.split())))
    return found


_ERRORS = _read(_TABLE)


def errors_of(call: str) -> tuple[str, ...]:
    return _ERRORS.get(call, _ERRORS["*"])


def first_errors_of(call: str) -> tuple[str, ...]:
    """The first that is no passing one, and those before it."""
    errors = errors_of(call)
    return errors[: sum(one in PASSING for one in errors) + 1]
