/* A DTLS 1.3 peer around wolfSSL: one connection over a real UDP socket on 127.0.0.1.
 *
 * wolfSSL is GPL, so this is a program of its own: `cargo xtask interop wolfssl` compiles it under
 * target/peers/ and talks to it over UDP and one line of JSON. Nothing of it is linked into a crate.
 * This file itself is MIT OR Apache-2.0 like the rest of the workspace.
 *
 *     wolfssl-peer server|client --port P [options]     (see usage() below)
 *
 * Exit code 0: handshake, data and close went well. 1: they did not, and "error" in the JSON says
 * why. 2: the command line is wrong. Every wait is bounded by --timeout, so it always ends by itself.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/error-ssl.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_DATAGRAM 16384
#define MAX_GROUPS 8
/* How long the client waits for the echo of one datagram before it sends the next. */
#define ECHO_WAIT_MS 150
/* How long either side waits for the other's close_notify after its own. */
#define CLOSE_WAIT_MS 1000
#define CLIENT_RANDOM_LEN 32

struct options {
    int is_server;
    int port;
    int groups[MAX_GROUPS];
    int group_count;
    int share; /* group of the client's first key_share; 0: the first of --groups, -1: none */
    const char *suites;
    const char *cert, *key, *ca, *name, *alpn, *keylog;
    int request_client_cert, require_client_cert;
    int no_cookie, no_tickets, dtls12, echo, key_update, pack;
    int mtu, count, size;
    int timeout_ms;
};

struct result {
    const char *version, *cipher, *group;
    char alpn[256];
    int handshake, peer_cert, close_notify;
    int datagrams, corrupted;
    long long handshake_ms;
    char error[512];
};

struct connection {
    WOLFSSL *ssl;
    int fd;
    long long deadline;   /* of the whole program */
    long long timer;      /* wolfSSL's retransmission or ACK timer; 0: not running */
    int timer_is_quick;
    struct result *result;
};

static const struct { const char *name; int id; } GROUPS[] = {
    { "X25519", WOLFSSL_ECC_X25519 },
    { "P-256", WOLFSSL_ECC_SECP256R1 },
    { "P-384", WOLFSSL_ECC_SECP384R1 },
    { "P-521", WOLFSSL_ECC_SECP521R1 },
    { "X25519MLKEM768", WOLFSSL_X25519MLKEM768 },
    { "SecP256r1MLKEM768", WOLFSSL_SECP256R1MLKEM768 },
    { "SecP384r1MLKEM1024", WOLFSSL_SECP384R1MLKEM1024 },
};

/* What wolfSSL calls the curves that have a name of their own here. */
static const struct { const char *wolfssl, *name; } CURVES[] = {
    { "SECP256R1", "P-256" },
    { "SECP384R1", "P-384" },
    { "SECP521R1", "P-521" },
};

static const struct { const char *iana, *wolfssl; } SUITES[] = {
    { "TLS_AES_128_GCM_SHA256", "TLS13-AES128-GCM-SHA256" },
    { "TLS_AES_256_GCM_SHA384", "TLS13-AES256-GCM-SHA384" },
    { "TLS_CHACHA20_POLY1305_SHA256", "TLS13-CHACHA20-POLY1305-SHA256" },
    { "TLS_AES_128_CCM_SHA256", "TLS13-AES128-CCM-SHA256" },
    { "TLS_AES_128_CCM_8_SHA256", "TLS13-AES128-CCM-8-SHA256" },
};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static int usage(const char *what)
{
    fprintf(stderr, "wolfssl-peer: %s\n"
        "usage: wolfssl-peer server|client --port P\n"
        "  --groups A,B        X25519 P-256 P-384 P-521 X25519MLKEM768 ...\n"
        "  --share G|none      client: group of the first key_share (default: first of --groups)\n"
        "  --suites A,B        TLS_AES_128_GCM_SHA256 ...\n"
        "  --cert F --key F --ca F    PEM files\n"
        "  --name HOST         client: server name to send and to check\n"
        "  --request-client-cert | --require-client-cert\n"
        "  --no-cookie         server: no HelloRetryRequest for the cookie\n"
        "  --no-tickets        server: no NewSessionTicket\n"
        "  --dtls12            speak DTLS 1.2 only\n"
        "  --pack              several handshake messages per datagram\n"
        "  --mtu N  --alpn P  --keylog F  --timeout SECONDS\n"
        "  --echo              server: send every datagram back\n"
        "  --send N --size S   client: send N datagrams of S bytes, count the echoes\n"
        "  --key-update        client: update the keys halfway through --send\n", what);
    return 2;
}

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void fail(struct result *r, const char *format, ...)
{
    va_list args;
    if (r->error[0] != '\0')
        return; /* the first error is the cause */
    va_start(args, format);
    vsnprintf(r->error, sizeof(r->error), format, args);
    va_end(args);
}

static void fail_wolfssl(struct result *r, const char *what, WOLFSSL *ssl, int code)
{
    char text[WOLFSSL_MAX_ERROR_SZ];
    WOLFSSL_ALERT_HISTORY alerts;
    wolfSSL_ERR_error_string((unsigned long)code, text);
    memset(&alerts, 0, sizeof(alerts));
    wolfSSL_get_alert_history(ssl, &alerts);
    if (alerts.last_rx.code > 0)
        fail(r, "%s: %s (%d), alert received: %d", what, text, code, alerts.last_rx.code);
    else if (alerts.last_tx.code > 0)
        fail(r, "%s: %s (%d), alert sent: %d", what, text, code, alerts.last_tx.code);
    else
        fail(r, "%s: %s (%d)", what, text, code);
}

/* ---- command line ---------------------------------------------------------------------------- */

static int group_id(const char *name, size_t len)
{
    size_t i;
    for (i = 0; i < LEN(GROUPS); i++)
        if (strlen(GROUPS[i].name) == len && strncmp(GROUPS[i].name, name, len) == 0)
            return GROUPS[i].id;
    return 0;
}

static int parse_groups(struct options *o, const char *list)
{
    while (*list != '\0') {
        size_t len = strcspn(list, ",");
        int id = group_id(list, len);
        if (id == 0 || o->group_count == MAX_GROUPS)
            return -1;
        o->groups[o->group_count++] = id;
        list += len;
        if (*list == ',')
            list++;
    }
    return o->group_count > 0 ? 0 : -1;
}

static int parse(struct options *o, int argc, char **argv)
{
    int i;
    memset(o, 0, sizeof(*o));
    o->name = "localhost";
    o->size = 32;
    o->timeout_ms = 10000;
    if (argc < 2)
        return usage("server or client?");
    if (strcmp(argv[1], "server") == 0)
        o->is_server = 1;
    else if (strcmp(argv[1], "client") != 0)
        return usage("the first argument is server or client");
    for (i = 2; i < argc; i++) {
        const char *flag = argv[i], *value;
        if (strcmp(flag, "--request-client-cert") == 0) { o->request_client_cert = 1; continue; }
        if (strcmp(flag, "--require-client-cert") == 0) { o->require_client_cert = 1; continue; }
        if (strcmp(flag, "--no-cookie") == 0) { o->no_cookie = 1; continue; }
        if (strcmp(flag, "--no-tickets") == 0) { o->no_tickets = 1; continue; }
        if (strcmp(flag, "--dtls12") == 0) { o->dtls12 = 1; continue; }
        if (strcmp(flag, "--pack") == 0) { o->pack = 1; continue; }
        if (strcmp(flag, "--echo") == 0) { o->echo = 1; continue; }
        if (strcmp(flag, "--key-update") == 0) { o->key_update = 1; continue; }
        if (i + 1 == argc)
            return usage("unknown flag, or a value is missing");
        value = argv[++i];
        if (strcmp(flag, "--port") == 0) o->port = atoi(value);
        else if (strcmp(flag, "--cert") == 0) o->cert = value;
        else if (strcmp(flag, "--key") == 0) o->key = value;
        else if (strcmp(flag, "--ca") == 0) o->ca = value;
        else if (strcmp(flag, "--name") == 0) o->name = value;
        else if (strcmp(flag, "--alpn") == 0) o->alpn = value;
        else if (strcmp(flag, "--keylog") == 0) o->keylog = value;
        else if (strcmp(flag, "--suites") == 0) o->suites = value;
        else if (strcmp(flag, "--mtu") == 0) o->mtu = atoi(value);
        else if (strcmp(flag, "--send") == 0) o->count = atoi(value);
        else if (strcmp(flag, "--size") == 0) o->size = atoi(value);
        else if (strcmp(flag, "--timeout") == 0) o->timeout_ms = (int)(atof(value) * 1000);
        else if (strcmp(flag, "--groups") == 0) {
            if (parse_groups(o, value) != 0)
                return usage("unknown group");
        }
        else if (strcmp(flag, "--share") == 0) {
            o->share = strcmp(value, "none") == 0 ? -1 : group_id(value, strlen(value));
            if (o->share == 0)
                return usage("unknown group in --share");
        }
        else return usage("unknown flag");
    }
    if (o->port <= 0 || o->port > 65535)
        return usage("--port is needed");
    if (o->is_server && (o->cert == NULL || o->key == NULL))
        return usage("a server needs --cert and --key");
    if (o->size < 8 || o->size > MAX_DATAGRAM)
        return usage("--size is out of range");
    return 0;
}

/* ---- wolfSSL set up -------------------------------------------------------------------------- */

static int set_suites(WOLFSSL_CTX *ctx, const char *list)
{
    char names[512] = "";
    while (*list != '\0') {
        size_t len = strcspn(list, ","), i;
        for (i = 0; i < LEN(SUITES); i++)
            if (strlen(SUITES[i].iana) == len && strncmp(SUITES[i].iana, list, len) == 0)
                break;
        if (i == LEN(SUITES))
            return -1;
        if (names[0] != '\0')
            strcat(names, ":");
        strcat(names, SUITES[i].wolfssl);
        list += len;
        if (*list == ',')
            list++;
    }
    return wolfSSL_CTX_set_cipher_list(ctx, names) == WOLFSSL_SUCCESS ? 0 : -1;
}

static WOLFSSL_CTX *make_context(const struct options *o, struct result *r)
{
    WOLFSSL_METHOD *method;
    WOLFSSL_CTX *ctx;
    int verify = WOLFSSL_VERIFY_NONE;

    if (o->is_server)
        method = o->dtls12 ? wolfDTLSv1_2_server_method() : wolfDTLSv1_3_server_method();
    else
        method = o->dtls12 ? wolfDTLSv1_2_client_method() : wolfDTLSv1_3_client_method();
    ctx = wolfSSL_CTX_new(method);
    if (ctx == NULL) {
        fail(r, "wolfSSL_CTX_new failed");
        return NULL;
    }
    if (o->suites != NULL && set_suites(ctx, o->suites) != 0)
        fail(r, "suites refused: %s", o->suites);
    if (o->cert != NULL
            && wolfSSL_CTX_use_certificate_chain_file(ctx, o->cert) != WOLFSSL_SUCCESS)
        fail(r, "certificate refused: %s", o->cert);
    if (o->key != NULL
            && wolfSSL_CTX_use_PrivateKey_file(ctx, o->key, WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
        fail(r, "private key refused: %s", o->key);
    if (o->ca != NULL && wolfSSL_CTX_load_verify_locations(ctx, o->ca, NULL) != WOLFSSL_SUCCESS)
        fail(r, "CA refused: %s", o->ca);
    if (!o->is_server || o->request_client_cert || o->require_client_cert)
        verify = WOLFSSL_VERIFY_PEER;
    if (o->require_client_cert)
        verify |= WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    wolfSSL_CTX_set_verify(ctx, verify, NULL);
    if (o->is_server && o->no_tickets && !o->dtls12)
        wolfSSL_CTX_no_ticket_TLSv13(ctx);
    return ctx;
}

static int log_secret(WOLFSSL *ssl, int id, const unsigned char *secret, int len, void *file)
{
    unsigned char random[CLIENT_RANDOM_LEN];
    const char *label;
    int i;

    switch (id) {
        case CLIENT_EARLY_TRAFFIC_SECRET: label = "CLIENT_EARLY_TRAFFIC_SECRET"; break;
        case CLIENT_HANDSHAKE_TRAFFIC_SECRET: label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"; break;
        case SERVER_HANDSHAKE_TRAFFIC_SECRET: label = "SERVER_HANDSHAKE_TRAFFIC_SECRET"; break;
        case CLIENT_TRAFFIC_SECRET: label = "CLIENT_TRAFFIC_SECRET_0"; break;
        case SERVER_TRAFFIC_SECRET: label = "SERVER_TRAFFIC_SECRET_0"; break;
        case EXPORTER_SECRET: label = "EXPORTER_SECRET"; break;
        default: return 0;
    }
    if (wolfSSL_get_client_random(ssl, random, sizeof(random)) != sizeof(random))
        return 0;
    fprintf(file, "%s ", label);
    for (i = 0; i < CLIENT_RANDOM_LEN; i++)
        fprintf(file, "%02x", random[i]);
    fputc(' ', file);
    for (i = 0; i < len; i++)
        fprintf(file, "%02x", secret[i]);
    fputc('\n', file);
    fflush(file);
    return 0;
}

static WOLFSSL *make_session(const struct options *o, WOLFSSL_CTX *ctx, FILE *keylog,
    struct result *r)
{
    WOLFSSL *ssl = wolfSSL_new(ctx);
    if (ssl == NULL) {
        fail(r, "wolfSSL_new failed");
        return NULL;
    }
    if (o->group_count > 0
            && wolfSSL_set_groups(ssl, (int *)o->groups, o->group_count) != WOLFSSL_SUCCESS)
        fail(r, "groups refused");
    if (!o->is_server && !o->dtls12) {
        int share = o->share != 0 ? o->share : o->group_count > 0 ? o->groups[0] : 0;
        if (share == -1) {
            if (wolfSSL_NoKeyShares(ssl) != WOLFSSL_SUCCESS)
                fail(r, "an empty key_share was refused");
        }
        else if (share != 0 && wolfSSL_UseKeyShare(ssl, (word16)share) != WOLFSSL_SUCCESS)
            fail(r, "key_share group refused");
    }
    if (!o->is_server) {
        if (wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, o->name, (word16)strlen(o->name))
                != WOLFSSL_SUCCESS
                || wolfSSL_check_domain_name(ssl, o->name) != WOLFSSL_SUCCESS)
            fail(r, "server name refused");
    }
    if (o->alpn != NULL
            && wolfSSL_UseALPN(ssl, (char *)o->alpn, (unsigned)strlen(o->alpn),
                WOLFSSL_ALPN_FAILED_ON_MISMATCH) != WOLFSSL_SUCCESS)
        fail(r, "ALPN refused");
    if (o->mtu > 0 && wolfSSL_dtls_set_mtu(ssl, (unsigned short)o->mtu) != WOLFSSL_SUCCESS)
        fail(r, "MTU refused");
    if (o->is_server && o->no_cookie && !o->dtls12
            && wolfSSL_disable_hrr_cookie(ssl) != WOLFSSL_SUCCESS)
        fail(r, "the cookie could not be switched off");
    if (o->pack && wolfSSL_set_group_messages(ssl) != WOLFSSL_SUCCESS)
        fail(r, "packing was refused");
    if (keylog != NULL) {
        wolfSSL_KeepArrays(ssl);
        wolfSSL_set_tls13_secret_cb(ssl, log_secret, keylog);
    }
    wolfSSL_dtls_set_using_nonblock(ssl, 1);
    return ssl;
}

/* ---- socket ---------------------------------------------------------------------------------- */

static int bounded(long long until, long long limit)
{
    long long left = (until < limit ? until : limit) - now_ms();
    return left < 0 ? 0 : (int)left;
}

static int open_socket(const struct options *o, struct result *r, long long deadline,
    struct sockaddr_in *peer)
{
    struct sockaddr_in address;
    struct pollfd wait;
    socklen_t len = sizeof(*peer);
    char byte;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)o->port);
    if (fd < 0) {
        fail(r, "socket: %s", strerror(errno));
        return -1;
    }
    if (o->is_server) {
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
            fail(r, "bind: %s", strerror(errno));
            close(fd);
            return -1;
        }
        /* This peer serves one client: whoever sends first. */
        wait.fd = fd;
        wait.events = POLLIN;
        if (poll(&wait, 1, bounded(deadline, deadline)) != 1
                || recvfrom(fd, &byte, 1, MSG_PEEK, (struct sockaddr *)peer, &len) < 0) {
            fail(r, "nobody came");
            close(fd);
            return -1;
        }
    }
    else {
        *peer = address;
    }
    if (connect(fd, (struct sockaddr *)peer, sizeof(*peer)) != 0
            || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        fail(r, "connect: %s", strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

/* ---- waiting and timers ---------------------------------------------------------------------- */

/* wolfSSL keeps no clock: the caller asks for the length of its timer and reports when it is over.
 * During the handshake one always runs; afterwards only while something waits for an ACK
 * (a NewSessionTicket, a KeyUpdate) or an ACK of ours is due. A quick timer is a quarter. */
static void arm_timer(struct connection *c)
{
    int quick = wolfSSL_dtls13_use_quick_timeout(c->ssl);
    int length = wolfSSL_dtls_get_current_timeout(c->ssl) * 1000;
    if (wolfSSL_is_init_finished(c->ssl) && !wolfSSL_dtls13_has_pending_msg(c->ssl) && !quick) {
        c->timer = 0;
        return;
    }
    c->timer = now_ms() + (quick ? length / 4 : length);
    c->timer_is_quick = quick;
}

enum waited { READABLE, TIME_IS_UP, BROKEN };

/* Waits for a datagram until `until`, serving wolfSSL's timer on the way. */
static enum waited wait_readable(struct connection *c, long long until)
{
    for (;;) {
        struct pollfd wait;
        int ready;
        if (c->timer == 0 || c->timer_is_quick != wolfSSL_dtls13_use_quick_timeout(c->ssl))
            arm_timer(c);
        wait.fd = c->fd;
        wait.events = POLLIN;
        ready = poll(&wait, 1,
            bounded(until, c->timer != 0 ? c->timer : c->deadline));
        if (ready > 0) {
            c->timer = 0; /* progress: the timer starts afresh, as in wolfSSL's blocking mode */
            return READABLE;
        }
        if (ready < 0 && errno != EINTR) {
            fail(c->result, "poll: %s", strerror(errno));
            return BROKEN;
        }
        if (c->timer != 0 && now_ms() >= c->timer) {
            c->timer = 0;
            if (wolfSSL_dtls_got_timeout(c->ssl) != WOLFSSL_SUCCESS) {
                int code = wolfSSL_get_error(c->ssl, 0);
                if (code != WOLFSSL_ERROR_WANT_READ && code != WOLFSSL_ERROR_WANT_WRITE) {
                    fail_wolfssl(c->result, "retransmission", c->ssl, code);
                    return BROKEN;
                }
            }
        }
        if (now_ms() >= until || now_ms() >= c->deadline)
            return TIME_IS_UP;
    }
}

/* ---- the connection -------------------------------------------------------------------------- */

static void handshake(const struct options *o, struct connection *c)
{
    struct result *r = c->result;
    long long start = now_ms();
    for (;;) {
        int done = o->is_server ? wolfSSL_accept(c->ssl) : wolfSSL_connect(c->ssl);
        int code;
        if (done == WOLFSSL_SUCCESS)
            break;
        code = wolfSSL_get_error(c->ssl, done);
        if (code != WOLFSSL_ERROR_WANT_READ && code != WOLFSSL_ERROR_WANT_WRITE) {
            fail_wolfssl(r, "handshake", c->ssl, code);
            return;
        }
        switch (wait_readable(c, c->deadline)) {
            case READABLE: break;
            case TIME_IS_UP: fail(r, "handshake: time is up"); return;
            case BROKEN: return;
        }
    }
    r->handshake = 1;
    r->handshake_ms = now_ms() - start;
}

static void describe(struct connection *c)
{
    struct result *r = c->result;
    WOLFSSL_X509 *cert;
    char *protocol = NULL;
    unsigned short len = 0;
    size_t i;
    int suite = wolfSSL_get_current_cipher_suite(c->ssl);
    const char *cipher = wolfSSL_get_cipher_name_iana_from_suite((unsigned char)(suite >> 8),
        (unsigned char)suite);

    r->version = wolfSSL_get_version(c->ssl);
    r->cipher = cipher;
    r->group = wolfSSL_get_curve_name(c->ssl);
    for (i = 0; r->group != NULL && i < LEN(CURVES); i++)
        if (strcmp(r->group, CURVES[i].wolfssl) == 0)
            r->group = CURVES[i].name;
    cert = wolfSSL_get_peer_certificate(c->ssl);
    r->peer_cert = cert != NULL;
    if (cert != NULL)
        wolfSSL_X509_free(cert);
    if (wolfSSL_ALPN_GetProtocol(c->ssl, &protocol, &len) == WOLFSSL_SUCCESS && protocol != NULL
            && len < sizeof(r->alpn)) {
        for (i = 0; i < len; i++)
            r->alpn[i] = protocol[i];
        r->alpn[len] = '\0';
    }
}

/* Reads one datagram if there is one. Returns its length, 0 when there is none, -1 at the end. */
static int read_one(struct connection *c, unsigned char *buf)
{
    int len = wolfSSL_read(c->ssl, buf, MAX_DATAGRAM), code;
    if (len > 0)
        return len;
    code = wolfSSL_get_error(c->ssl, len);
    if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE)
        return 0;
    if (code == WOLFSSL_ERROR_ZERO_RETURN)
        c->result->close_notify = 1;
    else
        fail_wolfssl(c->result, "read", c->ssl, code);
    return -1;
}

static int write_one(struct connection *c, const unsigned char *buf, int len)
{
    int sent = wolfSSL_write(c->ssl, buf, len), code;
    if (sent == len)
        return 0;
    code = wolfSSL_get_error(c->ssl, sent);
    if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE)
        return 0; /* a full socket buffer: the datagram is lost, as datagrams may be */
    fail_wolfssl(c->result, "write", c->ssl, code);
    return -1;
}

/* Until the peer closes or the time is up; echoes what comes. */
static void serve(const struct options *o, struct connection *c)
{
    static unsigned char buf[MAX_DATAGRAM];
    for (;;) {
        int len = read_one(c, buf);
        if (len < 0)
            return;
        if (len > 0) {
            c->result->datagrams++;
            if (o->echo && write_one(c, buf, len) != 0)
                return;
            continue;
        }
        switch (wait_readable(c, c->deadline)) {
            case READABLE: break;
            case TIME_IS_UP: fail(c->result, "no close_notify before the time was up"); return;
            case BROKEN: return;
        }
    }
}

static void fill(unsigned char *buf, int size, unsigned number)
{
    int i;
    for (i = 0; i < 4; i++)
        buf[i] = (unsigned char)(number >> (24 - 8 * i));
    for (i = 4; i < size; i++)
        buf[i] = (unsigned char)(number + (unsigned)i);
}

/* Takes echoes for up to `wait` ms or until number `expected` is there. Returns -1 at the end. */
static int take_echoes(const struct options *o, struct connection *c, unsigned char *seen,
    int expected, int wait)
{
    static unsigned char buf[MAX_DATAGRAM], want[MAX_DATAGRAM];
    long long until = now_ms() + wait;
    for (;;) {
        int len = read_one(c, buf);
        if (len < 0)
            return -1;
        if (len > 0) {
            unsigned number = len < 4 ? ~0u : (unsigned)buf[0] << 24 | (unsigned)buf[1] << 16
                | (unsigned)buf[2] << 8 | buf[3];
            if (number < (unsigned)o->count)
                fill(want, o->size, number);
            if (number >= (unsigned)o->count || len != o->size
                    || memcmp(buf, want, (size_t)len) != 0) {
                c->result->corrupted++;
                continue;
            }
            if (!seen[number]) {
                seen[number] = 1;
                c->result->datagrams++;
            }
            if ((int)number == expected)
                return 0;
            continue;
        }
        switch (wait_readable(c, until)) {
            case READABLE: break;
            case TIME_IS_UP: return 0;
            case BROKEN: return -1;
        }
    }
}

static void ping(const struct options *o, struct connection *c)
{
    static unsigned char buf[MAX_DATAGRAM];
    unsigned char *seen = calloc((size_t)o->count + 1, 1);
    int i;
    for (i = 0; seen != NULL && i < o->count && now_ms() < c->deadline; i++) {
        if (o->key_update && i == o->count / 2) {
            int done = wolfSSL_update_keys(c->ssl);
            if (done != WOLFSSL_SUCCESS) {
                fail_wolfssl(c->result, "key update", c->ssl, wolfSSL_get_error(c->ssl, done));
                break;
            }
        }
        fill(buf, o->size, (unsigned)i);
        if (write_one(c, buf, o->size) != 0 || take_echoes(o, c, seen, i, ECHO_WAIT_MS) != 0)
            break;
    }
    /* Stragglers of a link that reorders. */
    if (seen != NULL && i == o->count && c->result->datagrams < o->count)
        take_echoes(o, c, seen, -1, ECHO_WAIT_MS);
    free(seen);
    if (c->result->corrupted > 0)
        fail(c->result, "%d echoes differ from what was sent", c->result->corrupted);
    if (c->result->close_notify && c->result->datagrams < o->count)
        fail(c->result, "the peer closed before everything was echoed");
}

static void close_connection(struct connection *c)
{
    long long until = now_ms() + CLOSE_WAIT_MS;
    int done = wolfSSL_shutdown(c->ssl);
    while (done != WOLFSSL_SUCCESS && !c->result->close_notify) {
        unsigned char buf[MAX_DATAGRAM];
        if (wait_readable(c, until) != READABLE)
            return;
        /* Late echoes stand before the peer's close_notify. */
        while ((done = read_one(c, buf)) > 0)
            ;
        if (done < 0)
            return;
    }
}

static void print_string(const char *text)
{
    if (text == NULL || text[0] == '\0') {
        printf("null");
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar((unsigned char)*text < 0x20 ? ' ' : *text);
    }
    putchar('"');
}

static void print_result(const struct options *o, const struct result *r)
{
    printf("{\"peer\":\"wolfSSL %s\",\"role\":\"%s\",\"version\":", wolfSSL_lib_version(),
        o->is_server ? "server" : "client");
    print_string(r->version);
    printf(",\"cipher_suite\":");
    print_string(r->cipher);
    printf(",\"group\":");
    print_string(r->group);
    printf(",\"alpn\":");
    print_string(r->alpn);
    printf(",\"handshake\":%s,\"handshake_ms\":%lld,\"peer_cert\":%s,\"datagrams\":%d,"
        "\"peer_closed\":%s,\"error\":", r->handshake ? "true" : "false", r->handshake_ms,
        r->peer_cert ? "true" : "false", r->datagrams, r->close_notify ? "true" : "false");
    print_string(r->error);
    printf("}\n");
}

int main(int argc, char **argv)
{
    struct options o;
    struct result r;
    struct connection c;
    struct sockaddr_in peer;
    WOLFSSL_CTX *ctx;
    FILE *keylog = NULL;
    int code = parse(&o, argc, argv);

    if (code != 0)
        return code;
    memset(&r, 0, sizeof(r));
    memset(&c, 0, sizeof(c));
    memset(&peer, 0, sizeof(peer));
    c.result = &r;
    c.fd = -1;
    c.deadline = now_ms() + o.timeout_ms;

    wolfSSL_Init();
    if (o.keylog != NULL && (keylog = fopen(o.keylog, "a")) == NULL)
        fail(&r, "%s: %s", o.keylog, strerror(errno));
    ctx = make_context(&o, &r);
    if (ctx != NULL && r.error[0] == '\0')
        c.ssl = make_session(&o, ctx, keylog, &r);
    if (c.ssl != NULL && r.error[0] == '\0')
        c.fd = open_socket(&o, &r, c.deadline, &peer);
    if (c.fd >= 0) {
        wolfSSL_set_dtls_fd_connected(c.ssl, c.fd);
        /* The server's cookie covers the address, which a connected socket does not report. */
        wolfSSL_dtls_set_peer(c.ssl, &peer, sizeof(peer));
        handshake(&o, &c);
        if (r.handshake) {
            describe(&c);
            if (o.is_server)
                serve(&o, &c);
            else if (o.count > 0)
                ping(&o, &c);
            if (r.error[0] == '\0')
                close_connection(&c);
        }
    }
    print_result(&o, &r);

    wolfSSL_free(c.ssl);
    wolfSSL_CTX_free(ctx);
    wolfSSL_Cleanup();
    if (c.fd >= 0)
        close(c.fd);
    if (keylog != NULL)
        fclose(keylog);
    return r.error[0] == '\0' ? 0 : 1;
}
