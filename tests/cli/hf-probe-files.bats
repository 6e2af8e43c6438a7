#!/usr/bin/env bats
# hf-probe: attempts on files, each with success and, where that can be had, with the right errno.

bats_require_minimum_version 1.5.0
load probe

@test "read: a file, a missing one, a directory" {
    gives "read $T/file" ok
    gives "read $T/none" ENOENT
    gives "read $T/dir" EISDIR
}

@test "read and write do not wait for the other end of a FIFO" {
    mkfifo "$T/fifo"
    gives "read $T/fifo" ok
    gives "write $T/fifo" ENXIO
}

@test "write: a file, a missing one, which is not made, and a directory" {
    gives "write $T/file" ok
    [ "$(head -c 1 "$T/file" | od -An -c | tr -d ' ')" = '\n' ]
    gives "write $T/none" ENOENT
    [ ! -e "$T/none" ]
    gives "write $T/dir" EISDIR
}

@test "create: a new file, once" {
    gives "create $T/new" ok
    [ -f "$T/new" ]
    gives "create $T/new" EEXIST
}

@test "list: a directory, a file" {
    gives "list $T/dir" ok
    gives "list $T/file" ENOTDIR
}

@test "rename, link and symlink: done, and into nowhere" {
    gives "link $T/file $T/dir/linked" ok
    [ "$T/file" -ef "$T/dir/linked" ]
    gives "link $T/file $T/dir/linked" EEXIST
    gives "rename $T/file $T/dir/moved" ok
    [ -f "$T/dir/moved" ]
    gives "rename $T/file $T/dir/moved" ENOENT
    gives "symlink dir/moved $T/soft" ok
    [ "$(readlink "$T/soft")" = dir/moved ]
    gives "symlink dir/moved $T/soft" EEXIST
}

@test "unlink, mkdir, rmdir and mkfifo: done, and refused" {
    gives "unlink $T/file" ok
    gives "unlink $T/file" ENOENT
    gives "mkdir $T/made" ok
    gives "mkdir $T/made" EEXIST
    gives "rmdir $T/made" ok
    [ ! -e "$T/made" ]
    touch "$T/dir/inside"
    gives "rmdir $T/dir" ENOTEMPTY
    gives "mkfifo $T/fifo" ok
    [ -p "$T/fifo" ]
    gives "mkfifo $T/fifo" EEXIST
}

@test "truncate and ftruncate empty a file and make none" {
    gives "truncate $T/file" ok
    [ ! -s "$T/file" ]
    echo content >"$T/file"
    gives "ftruncate $T/file" ok
    [ ! -s "$T/file" ]
    gives "truncate $T/none" ENOENT
    gives "ftruncate $T/none" ENOENT
    gives "truncate $T/dir" EISDIR
    [ ! -e "$T/none" ]
}

@test "ioctl: a device that has no such command was reached; a missing one was not" {
    gives "ioctl /dev/null" ok
    gives "ioctl $T/none" ENOENT
}

@test "chmod leaves the mode as it is" {
    chmod 4711 "$T/file"
    gives "chmod $T/file" ok
    [ "$(stat -c %a "$T/file")" = 4711 ]
    gives "chmod $T/none" ENOENT
}
