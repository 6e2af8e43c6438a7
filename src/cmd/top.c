/* holdfast top: what runs in proxy mode let through and deny, looked at again every second. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/cmd.h"

#define RUNS_MAX 64
#define REFRESH_MILLISECONDS 1000

static const char usage[] =
    "usage: holdfast top [RUN]\n"
    "\n"
    "Shows the connections of runs in proxy mode, and what they denied lately: of the one that is process RUN,\n"
    "else of all that answer. In a terminal again every second until q or Ctrl-C; else once, as plain lines.\n"
    "\n"
    "exit status: 0; 1 RUN is no run, or does not answer; 2 usage\n";

/* Those of others, and those that have ended meanwhile, are left out. */
static bool show_all(struct hf_screen *screen, struct hf_error *error)
{
    int runs[RUNS_MAX];
    const size_t count = hf_run_list(runs, RUNS_MAX);
    bool any = false;

    for (size_t i = 0; i < count && i < RUNS_MAX; i++) {
        const bool shown = hf_run_print(runs[i], screen, stdout, error);

        if (!shown && error->id == HF_REPORT_UNWRITABLE)
            return false;
        any = any || shown;
    }
    if (!any)
        printf("no run in proxy mode answers here%s\n", screen->rows ? "\033[K" : "");
    return true;
}

static bool show(struct hf_screen *screen, int run, struct hf_error *error)
{
    return run ? hf_run_print(run, screen, stdout, error) : show_all(screen, error);
}

/* ---- The screen ---- */

static volatile sig_atomic_t is_over;

static void end(int number)
{
    (void)number;
    is_over = 1;
}

/* Wakes the wait up, for the size may be another. */
static void wake(int number)
{
    (void)number;
}

static void take_signals(void)
{
    const struct sigaction ending = {.sa_handler = end}, waking = {.sa_handler = wake};

    sigaction(SIGINT, &ending, NULL);
    sigaction(SIGTERM, &ending, NULL);
    sigaction(SIGHUP, &ending, NULL);
    sigaction(SIGWINCH, &waking, NULL);
}

/* Keys come at once and are not shown. Ctrl-Z would leave the terminal so: it does nothing. False where no keys come. */
static bool take_keys(struct termios *before)
{
    struct termios now;

    if (tcgetattr(STDIN_FILENO, before) < 0)
        return false;
    now = *before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VSUSP] = _POSIX_VDISABLE;
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &now) == 0;
}

/* Until the time is over, or a signal comes. */
static void wait_a_while(bool has_keys)
{
    struct pollfd key = {.fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN};
    char pressed;

    if (poll(&key, 1, REFRESH_MILLISECONDS) != 1)
        return;
    if (read(STDIN_FILENO, &pressed, 1) != 1 || pressed == 'q' || pressed == 'Q')
        is_over = 1;
}

/* Over what stands there, so that nothing flickers. */
static bool draw(int run, struct hf_error *error)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    struct hf_screen screen = {.used = 0};
    const char *no_color = getenv("NO_COLOR");
    bool shown;

    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    screen.columns = size.ws_col ? size.ws_col : 80;
    screen.rows = size.ws_row > 1 ? size.ws_row - 1U : 23;
    screen.is_styled = !no_color || !no_color[0];
    fputs("\033[H", stdout);
    shown = show(&screen, run, error);
    fputs("\033[J", stdout); /* what stood below */
    return fflush(stdout) == 0 && shown;
}

/* One that ends while it is looked at is no failure. */
static int look_on(int run)
{
    struct hf_error error = {.id = HF_OK};
    struct termios before;
    bool has_keys, seen = false, goes_on = true;

    take_signals();
    has_keys = take_keys(&before);
    fputs("\033[?1049h\033[?25l", stdout);
    while (!is_over && (goes_on = draw(run, &error))) {
        seen = true;
        wait_a_while(has_keys);
    }
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    if (has_keys)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    if (goes_on)
        return HF_STATUS_OK;
    if (seen && error.id == HF_RUN_NOT_FOUND) {
        printf("run %d has ended\n", run);
        return HF_STATUS_OK;
    }
    hf_error_print(&error, NULL, stderr);
    return HF_STATUS_INVALID;
}

static int look_once(int run)
{
    struct hf_screen screen = {.rows = 0};
    struct hf_error error;

    if (show(&screen, run, &error)) {
        if (fflush(stdout) == 0)
            return HF_STATUS_OK;
        perror("holdfast");
        return HF_STATUS_INVALID;
    }
    hf_error_print(&error, NULL, stderr);
    return HF_STATUS_INVALID;
}

static bool is_screen(void)
{
    const char *kind = getenv("TERM");

    return isatty(STDOUT_FILENO) && kind && kind[0] && strcmp(kind, "dumb") != 0;
}

int hf_cmd_top(int argc, char **argv)
{
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int letter, run = 0;

    opterr = 0;
    letter = getopt_long(argc, argv, ":", known, NULL);
    if (letter == 'h') {
        fputs(usage, stdout);
        return HF_STATUS_OK;
    }
    if (letter != -1) {
        hf_option_refuse(argv, letter, known);
        fputs(usage, stderr);
        return HF_STATUS_USAGE;
    }
    if (optind < argc - 1) {
        fprintf(stderr, "holdfast: one RUN at most\n%s", usage);
        return HF_STATUS_USAGE;
    }
    if (optind < argc && !hf_run_named(argv[optind], &run))
        return HF_STATUS_USAGE;
    return is_screen() ? look_on(run) : look_once(run);
}
