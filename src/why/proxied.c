#include "why/proxied.h"

#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The same words twice: the first is of what a policy can be made to name. */
static const char to_host[] = "connect through the proxy to";
static const char to_place[] = "connect through the proxy to";

/* The same of requests: the first is of those that rules decided, and that one could be added for. */
static const char for_rule[] = "ask, through the proxy, for";
static const char for_request[] = "ask, through the proxy, for";

#define RULE "add an allow with this method and path to rules of the host's endpoint"

/* By the part of a request that failed (proxy/tell.h). */
static const struct {
    const char *failed, *act, *by, *remedy;
} reasons[] = {
    {"host", to_host, "the proxy: no endpoint of the policy has this host", "name it in network_policies"},
    {"port", to_host, "the proxy: no endpoint of this host has this port", "name it in network_policies"},
    {"address", to_place, "the proxy: its address is none that it may have",
     "name the host in full, and its addresses in allowed_ips"},
    {"method", for_rule, "the proxy: no rule for this host has this method there", RULE},
    {"method", for_request, "the proxy: access of this host has not this method",
     "give its endpoint an access that has, or rules in its place"},
    {"path", for_rule, "the proxy: no rule for this host has this path", RULE},
    {"path", for_request, "the proxy: servers could read its path in two ways", "ask for it in plain"},
    {"query", for_request, "the proxy: no rule for this host has this method and path with this query", RULE},
    {"deny_rules", for_request, "the proxy: deny_rules of this host have it", "narrow that rule"},
    {"request", for_request, "the proxy: a header field makes it one that no rule can be asked of", "leave the field out"},
    {"tunnel", to_place, "the proxy: it has rules for requests to this host, which nobody would see in a tunnel",
     "add tls: terminate to its endpoint, or ask for http:// addresses of it"},
    {"program", to_place, "the proxy: binaries of the policy lack who asks", "add its path to binaries"},
};

int hf_proxied_open(void)
{
    return memfd_create("holdfast-proxy", MFD_CLOEXEC);
}

bool hf_proxied_is_host(const char *act)
{
    return act == to_host;
}

bool hf_proxied_is_rule(const char *act)
{
    return act == for_rule;
}

struct said {
    const char *verdict, *host, *failed, *method, *path, *by;
    int port;
};

/* In either format of the log (proxy/tell.h, proxy/ocsf.h). */
static bool take(json_t *line, struct said *said)
{
    *said = (struct said){.host = "", .failed = "", .path = "", .by = ""};
    return json_unpack(line, "{s:s, s?s, s?i, s?s, s?s, s?s, s?s}", "verdict", &said->verdict, "host", &said->host, "port",
                       &said->port, "failed", &said->failed, "method", &said->method, "path", &said->path, "by",
                       &said->by) == 0 ||
           json_unpack(line, "{s:{s:s}, s?{s?s, s?s, s?i}, s?s, s?{s?s, s?{s?s}}, s?{s?s}}", "unmapped", "verdict",
                       &said->verdict, "dst_endpoint", "ip", &said->host, "hostname", &said->host, "port", &said->port,
                       "status_detail", &said->failed, "http_request", "http_method", &said->method, "url", "path",
                       &said->path, "firewall_rule", "desc", &said->by) == 0;
}

static void tell(struct hf_observer *observer, json_t *line)
{
    struct hf_sighting sighting = {.process = ""};
    char place[512], request[1024];
    struct said said;

    if (!take(line, &said) || strcmp(said.verdict, "deny") != 0)
        return;
    snprintf(place, sizeof(place), "%s:%d", said.host, said.port);
    snprintf(request, sizeof(request), "%s %s%s", said.method ? said.method : "", place, said.path);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strcmp(said.failed, reasons[i].failed) == 0 &&
            (reasons[i].act != for_rule || strncmp(said.by, "rules ", 6) == 0)) {
            sighting.path = reasons[i].act == to_host || reasons[i].act == to_place || !said.method ? place : request;
            sighting.act = reasons[i].act;
            sighting.by = reasons[i].by;
            sighting.remedy = reasons[i].remedy;
            observer->sight(observer, &sighting);
            return;
        }
}

void hf_proxied_tell(struct hf_observer *observer, int log)
{
    FILE *stream = lseek(log, 0, SEEK_SET) == 0 ? fdopen(dup(log), "r") : NULL;
    json_t *line;

    while (stream && (line = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL))) {
        tell(observer, line);
        json_decref(line);
    }
    if (stream)
        fclose(stream);
}

void hf_proxied_copy(int log, int to)
{
    char bytes[4096];
    off_t at = 0;
    ssize_t got;

    while ((got = pread(log, bytes, sizeof(bytes), at)) > 0 && write(to, bytes, (size_t)got) == got)
        at += got;
}
