/* The words of every reason. */
#include "holdfast.h"

static const struct {
    const char *name;
    const char *text;
    const char *remedy;
} words[HF_REASON_COUNT] = {
    [HF_REASON_IN_WORKDIR] = {"in-workdir", "it is in the current directory, which is not in PATH",
                              "write it with ./ before its name"},
    [HF_REASON_BLANK_IN_NAME] = {"blank-in-name", "there is a blank in its name",
                                 "if it is a command with its arguments, take away the quotes around the whole, or run "
                                 "sh -c with it"},
    [HF_REASON_DANGLING_LINK] = {"dangling-link", "it is a symbolic link, and what it leads to is not there",
                                 "mend the link, or name the program itself"},
    [HF_REASON_NO_DIRECTORY] = {"no-directory", "a part of its path before the last is not a directory",
                                "check the spelling: what stands before a / must be a directory"},
    [HF_REASON_DIRECTORY] = {"directory", "it is a directory", "name a program in it"},
    [HF_REASON_NO_FILE] = {"no-file", "it is not a regular file", "name a program, or a script"},
    [HF_REASON_MODE] = {"mode", "it has no execute permission",
                        "chmod +x it, or run it by its interpreter, as in: sh FILE"},
    [HF_REASON_NOEXEC] = {"noexec", "its file system is mounted noexec",
                          "put it on another file system, or remount this one with exec"},
    [HF_REASON_NO_INTERPRETER] = {"no-interpreter", "it is not on this machine", "install it, or mend the #! line"},
    [HF_REASON_CARRIAGE_RETURN] = {"carriage-return", "its #! line ends in a carriage return",
                                   "save it with unix line ends, as by: sed -i 's/\\r$//' FILE"},
    [HF_REASON_NO_LOADER] = {"no-loader", "it is not on this machine",
                             "install the C library that the program was built for, or take a build for this system"},
    [HF_REASON_USER] = {"user", "the user that the command runs as may not execute it or enter a directory on its path",
                        "give that user the right (chmod), put the program where all may go, or run it as another"},
    [HF_REASON_EMPTY] = {"empty", "it is an empty file", "build or copy it again"},
    [HF_REASON_ARCHITECTURE] = {"architecture", "it is a program for another architecture than this machine's",
                                "take a build for x86_64, or install an emulator (binfmt_misc)"},
    [HF_REASON_DAMAGED] = {"damaged", "it is an ELF file that the kernel does not take for a program",
                           "build or copy it again: it is damaged, cut short, or an object file"},
    [HF_REASON_BYTE_ORDER_MARK] = {"byte-order-mark", "a byte order mark stands before its #! line",
                                   "save it without a byte order mark"},
    [HF_REASON_NO_INTERPRETER_LINE] = {"no-interpreter-line", "it is no program, and has no #! line",
                                       "if it is a script begin it with a line such as #!/bin/sh, or run sh FILE"},
    [HF_REASON_BUSY] = {"busy", "it is open for writing", "close it in the program that writes it, and try again"},
    [HF_REASON_TOO_LONG] = {"too-long", "its arguments and the environment are longer than the kernel takes",
                            "pass them in a file or by standard input, or make the stack's limit larger (ulimit -s)"},
};

const char *hf_reason_name(enum hf_reason reason)
{
    return words[reason].name;
}

const char *hf_reason_text(enum hf_reason reason)
{
    return words[reason].text;
}

const char *hf_reason_remedy(enum hf_reason reason)
{
    return words[reason].remedy;
}
