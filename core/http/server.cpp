#include "core/http/server.hpp"

#include "core/base/fd.hpp"
#include "core/http/connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cerrno>
#include <thread>
#include <vector>

namespace pier::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto k_drain_time = std::chrono::seconds(2);

/// One thread's loop with its connections; its timer runs only while there are some.
class Loop final : public Connections {
 public:
  Loop(milliseconds sweep, std::atomic<unsigned>& open)
      : Connections(open),
        context(1),
        sweep_(sweep),
        timer_(context) {}

  void start() {
    thread_ = std::jthread([this] { context.run(); });
  }

  void begin_stop() {
    asio::post(context, [this] {
      drain_all();
      timer_.expires_after(k_drain_time);
      timer_.async_wait([this](const error_code& code) {
        if (!code) {
          abort_all();
        }
      });
      guard_.reset(); // kept the idle loop alive; now run() ends after the last connection
      if (empty()) {
        timer_.cancel();
      }
    });
  }

  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  asio::io_context context;

 private:
  void on_first() override { arm(); }

  void on_all_ended() override { timer_.cancel(); }

  void arm() {
    timer_.expires_after(sweep_);
    timer_.async_wait([this](const error_code& code) {
      if (code || draining()) {
        return;
      }
      check_all(steady_clock::now());
      if (!empty()) {
        arm();
      }
    });
  }

  milliseconds sweep_;
  asio::steady_timer timer_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context.get_executor()};
  std::jthread thread_;
};

struct Listener {
  UniqueFd fd;
  std::uint16_t port = 0;
  bool is_v6 = false;
};

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t fill_address(SocketAddress& out, const asio::ip::address& address, std::uint16_t port) {
  out = {};
  if (address.is_v6()) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port);
    const auto bytes = address.to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.end(), std::begin(out.v6.sin6_addr.s6_addr));
    return sizeof out.v6;
  }
  out.v4.sin_family = AF_INET;
  out.v4.sin_port = htons(port);
  out.v4.sin_addr.s_addr = htonl(address.to_v4().to_uint());
  return sizeof out.v4;
}

Error listen_error(int code, const std::string& address, std::uint16_t port) {
  const auto place = address + ":" + std::to_string(port);
  if (code == EADDRINUSE) {
    return Error{.kind = ErrorKind::conflict,
                 .code = "PIER0320",
                 .message = "port " + std::to_string(port) + " of " + address + " is in use by another program",
                 .hint = "stop that program or choose another port"};
  }
  return error_from_errno(code, "cannot listen on " + place);
}

Result<Listener> listen_on(const ServerOptions& options) {
  error_code bad;
  const auto address = asio::ip::make_address(options.address, bad);
  if (bad) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0322",
                 .message = "'" + options.address + "' is no IP address to listen on"};
  }
  Listener listener{
      .fd = UniqueFd(::socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      .is_v6 = address.is_v6()};
  SocketAddress name;
  auto size = fill_address(name, address, options.port);
  const int on = 1;
  ::setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!listener.fd || ::bind(listener.fd.get(), &name.any, size) != 0 || ::listen(listener.fd.get(), 1024) != 0 ||
      ::getsockname(listener.fd.get(), &name.any, &size) != 0) {
    return listen_error(errno, options.address, options.port);
  }
  listener.port = ntohs(listener.is_v6 ? name.v6.sin6_port : name.v4.sin_port);
  return listener;
}

std::string text_of(const SocketAddress& name) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = name.any.sa_family == AF_INET6 ? static_cast<const void*>(&name.v6.sin6_addr)
                                                     : static_cast<const void*>(&name.v4.sin_addr);
  ::inet_ntop(name.any.sa_family, bytes, text, sizeof text);
  return text;
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const ServerOptions& options) {
  if (options.certificate_file.empty()) {
    return std::unique_ptr<asio::ssl::context>();
  }
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code code;
  context->set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, code);
  context->use_certificate_chain_file(options.certificate_file, code);
  if (!code) {
    context->use_private_key_file(options.key_file, asio::ssl::context::pem, code);
  }
  if (code) {
    return Error{.kind = ErrorKind::io,
                 .code = "PIER0323",
                 .message = "cannot use the certificate " + options.certificate_file + ": " + code.message()};
  }
  return context;
}

class AsioServer final : public Server {
 public:
  AsioServer(ServerOptions options, std::shared_ptr<Dispatcher> dispatcher, Listener listener,
             std::unique_ptr<asio::ssl::context> tls)
      : service_{.options = options, .dispatcher = std::move(dispatcher), .workers = WorkerPool(options.workers)},
        port_(listener.port),
        is_v6_(listener.is_v6),
        tls_(std::move(tls)) {
    const auto shortest = std::min({options.head_timeout, options.idle_timeout, options.stall_timeout});
    const auto sweep = std::clamp(shortest / 4, milliseconds(5), milliseconds(1000));
    for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
      loops_.push_back(std::make_unique<Loop>(sweep, service_.open_connections));
    }
    listener_.emplace(loops_.front()->context, listener.fd.release());
    retry_.emplace(loops_.front()->context);
    wait_for_clients();
    for (const auto& loop : loops_) {
      loop->start();
    }
  }

  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;

  ~AsioServer() override { stop(); }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop() override {
    const std::lock_guard lock(stop_mutex_);
    if (std::exchange(stopped_, true)) {
      return;
    }
    asio::post(loops_.front()->context, [this] {
      listener_->close();
      retry_->cancel();
    });
    for (const auto& loop : loops_) {
      loop->begin_stop();
    }
    for (const auto& loop : loops_) {
      loop->join();
    }
  }

 private:
  void wait_for_clients() {
    listener_->async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& code) {
      if (!code) {
        accept_ready();
      }
    });
  }

  void accept_ready() {
    while (true) {
      SocketAddress name{};
      socklen_t size = sizeof name;
      const int fd = ::accept4(listener_->native_handle(), &name.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) {
        hand_over(fd, text_of(name));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        // Descriptors come back when connections end; asking at once again would spin.
        retry_->expires_after(milliseconds(100));
        retry_->async_wait([this](const error_code& code) {
          if (!code) {
            wait_for_clients();
          }
        });
        return;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        wait_for_clients();
        return;
      }
    }
  }

  void hand_over(int fd, std::string peer) {
    if (service_.open_connections >= service_.options.max_connections) {
      static constexpr std::string_view k_busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
                                                 "Content-Length: 0\r\nConnection: close\r\n\r\n";
      ::send(fd, k_busy.data(), k_busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      UniqueFd(fd).reset();
      return;
    }
    auto& loop = *loops_[next_++ % loops_.size()];
    if (loops_.size() == 1) {
      serve_connection(loop.context, fd, is_v6_, std::move(peer), service_, loop, tls_.get());
      return;
    }
    asio::post(loop.context, [this, &loop, fd, peer = std::move(peer)]() mutable {
      serve_connection(loop.context, fd, is_v6_, std::move(peer), service_, loop, tls_.get());
    });
  }

  Service service_;
  std::uint16_t port_;
  bool is_v6_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::optional<asio::posix::stream_descriptor> listener_;
  std::optional<asio::steady_timer> retry_;
  std::size_t next_ = 0;
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

} // namespace

Result<WebSocketHandler> Dispatcher::upgrade(const Request& /*request*/, Response& refusal) {
  refusal = protocol_error(400, "there is no WebSocket here");
  return Error{.kind = ErrorKind::unsupported, .code = "PIER0324", .message = "there is no WebSocket here"};
}

std::optional<Response> Dispatcher::refuse(const Request& /*head*/) {
  return std::nullopt;
}

Response Dispatcher::protocol_error(int status, const std::string& message) {
  return Response::text(status, message + "\n");
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, std::shared_ptr<Dispatcher> dispatcher) {
  PIER_TRY_ASSIGN(auto tls, make_tls(options));
  PIER_TRY_ASSIGN(auto listener, listen_on(options));
  return std::unique_ptr<Server>(
      std::make_unique<AsioServer>(std::move(options), std::move(dispatcher), std::move(listener), std::move(tls)));
}

} // namespace pier::http
