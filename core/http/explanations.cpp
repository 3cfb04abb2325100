#include "core/http/explanations.hpp"

#include <array>

namespace pier::http {

std::span<const Explanation> explanations() {
  static constexpr std::array k_all = {
      Explanation{"PIER0320", "a port is in use",
                  "Another program listens there. `ss -ltnp` shows which; stop it or choose another port."},
      Explanation{"PIER0321", "a body is too large", "The server bounds what it takes in one request."},
      Explanation{"PIER0322", "not an address to listen on",
                  "An IP address of this machine is expected: 127.0.0.1, ::1."},
      Explanation{"PIER0323", "a certificate cannot be used",
                  "Certificate and key must be PEM files that belong together and can be read."},
      Explanation{"PIER0324", "there is no WebSocket at that address", "The address answers plain requests only."},
      Explanation{"PIER0325", "a file became shorter while it was sent",
                  "Something wrote to it at the same time. The answer was broken off; ask again."},
      Explanation{"PIER0330", "a host cannot be reached",
                  "Nothing answers at that address. For the local workspace: `pier local start`."},
      Explanation{"PIER0331", "a host's name cannot be resolved", "Check its spelling, the network and the proxy."},
      Explanation{"PIER0332", "a host does not answer in time", "It accepted the request and then was silent."},
      Explanation{
          "PIER0333", "an exchange with a host failed",
          "The connection broke, or the other side does not speak HTTP as expected. The message has the reason."},
      Explanation{"PIER0334", "an answer is too large", "pier bounds what it takes into memory."},
      Explanation{"PIER0335", "interrupted", "Ctrl-C or a signal asked pier to stop."},
      Explanation{"PIER0336", "not an address", "An http:// or https:// address is expected."},
      Explanation{"PIER0337", "a certificate is not trusted",
                  "The host's certificate is not signed by an authority that this machine knows. Behind a company\n"
                  "proxy, add its authority to the system's."},
      Explanation{
          "PIER0339", "a proxy does not let the request through",
          "https_proxy (or http_proxy, all_proxy) names a proxy, and it refuses to connect to the host. no_proxy\n"
          "lists hosts that are reached without it. Loopback addresses never go through a proxy."},
      Explanation{"PIER0338", "a WebSocket is refused", "The host answered, but not with a WebSocket."},
  };
  return k_all;
}

} // namespace pier::http
