/* pier-ports.so: loaded into apps before their own libraries (LD_PRELOAD). Many apps listen on 8000, whatever
 * $DATABRICKS_APP_PORT says; on the platform each has the machine for itself. Here bind() of a port in PIER_PORT_MAP
 * ("8000:41234,…") binds the other one, on loopback only: nobody but the gateway is to reach an app. connect() to a
 * mapped port of loopback follows, so that an app finds itself. Static and set-uid programs are not reached. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef int (*socket_call)(int, const struct sockaddr*, socklen_t);

/* The port that stands for `port`, or 0. */
static unsigned mapped(unsigned port) {
  const char* at = getenv("PIER_PORT_MAP");
  while (at != NULL && *at != '\0') {
    char* end = NULL;
    const unsigned long from = strtoul(at, &end, 10);
    if (*end != ':') {
      return 0;
    }
    const unsigned long to = strtoul(end + 1, &end, 10);
    if (from == port && to > 0 && to < 65536) {
      return (unsigned)to;
    }
    at = *end == ',' ? end + 1 : NULL;
  }
  return 0;
}

static int is_target(unsigned port) {
  const char* app_port = getenv("DATABRICKS_APP_PORT");
  return app_port != NULL && strtoul(app_port, NULL, 10) == port;
}

static int is_loopback4(const struct sockaddr_in* address) {
  return (ntohl(address->sin_addr.s_addr) >> 24U) == 127;
}

/* Rewrites a copy of the address. `binds`: also "any address" becomes loopback. Returns whether it changed. */
static int rewrite(int fd, const struct sockaddr* given, socklen_t size, struct sockaddr_storage* copy, int binds) {
  if (given == NULL || size > sizeof *copy) {
    return 0;
  }
  memcpy(copy, given, size);
  if (given->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
    struct sockaddr_in* address = (struct sockaddr_in*)copy;
    const unsigned port = ntohs(address->sin_port);
    const unsigned other = mapped(port);
    const int any = address->sin_addr.s_addr == htonl(INADDR_ANY);
    if ((other == 0 && !(binds && any && is_target(port))) || (!binds && !is_loopback4(address) && !any)) {
      return 0;
    }
    address->sin_port = htons((unsigned short)(other != 0 ? other : port));
    if (binds && any) {
      address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    return 1;
  }
  if (given->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
    struct sockaddr_in6* address = (struct sockaddr_in6*)copy;
    const unsigned port = ntohs(address->sin6_port);
    const unsigned other = mapped(port);
    const int any = IN6_IS_ADDR_UNSPECIFIED(&address->sin6_addr);
    if ((other == 0 && !(binds && any && is_target(port))) ||
        (!binds && !IN6_IS_ADDR_LOOPBACK(&address->sin6_addr) && !any)) {
      return 0;
    }
    address->sin6_port = htons((unsigned short)(other != 0 ? other : port));
    if (binds && any) {
      /* The dual-stack "any" of Node.js: IPv4's loopback, as a mapped address, is where the gateway asks first. */
      static const struct in6_addr k_loopback4 = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};
      int only6 = 0;
      socklen_t length = sizeof only6;
      getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, &length);
      address->sin6_addr = only6 ? in6addr_loopback : k_loopback4;
    }
    return 1;
  }
  return 0;
}

static socket_call next_of(const char* name) {
  return (socket_call)dlsym(RTLD_NEXT, name);
}

int bind(int fd, const struct sockaddr* address, socklen_t size) {
  struct sockaddr_storage copy;
  const int changed = rewrite(fd, address, size, &copy, 1);
  return next_of("bind")(fd, changed ? (const struct sockaddr*)&copy : address, size);
}

int connect(int fd, const struct sockaddr* address, socklen_t size) {
  struct sockaddr_storage copy;
  const int changed = rewrite(fd, address, size, &copy, 0);
  return next_of("connect")(fd, changed ? (const struct sockaddr*)&copy : address, size);
}
