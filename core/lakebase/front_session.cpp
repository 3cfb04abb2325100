#include "core/lakebase/front_session.ipp"

#include "core/base/log.hpp"
#include "core/lakebase/front_login.hpp"
#include "core/lakebase/startup_packet.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <optional>

namespace pier::lakebase {
namespace {

template <class T> using Awaitable = asio::awaitable<T, FrontExecutor>;

constexpr asio::as_tuple_t<asio::use_awaitable_t<FrontExecutor>> k_await{};

constexpr std::size_t k_client_buffer = 16 * 1024;
constexpr std::size_t k_server_buffer = 64 * 1024;
constexpr unsigned char k_tls_handshake = 0x16;

void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/// One client connection. Everything runs on the front's single I/O thread, except log_in.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(FrontSocket socket, std::shared_ptr<FrontListener> listener, FrontShared& shared)
      : client_(std::move(socket)),
        upstream_(client_.get_executor()),
        timer_(client_.get_executor()),
        listener_(std::move(listener)),
        shared_(shared),
        activity_(listener_->instance->activity()) {
    close_on_exec(client_.native_handle());
    boost::system::error_code ignored;
    client_.set_option(asio::ip::tcp::no_delay(true), ignored);
    ++activity_.sessions;
  }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() {
    set_busy(false);
    --activity_.sessions;
  }

  FrontExecutor executor() { return client_.get_executor(); }

  Awaitable<void> run() {
    const auto self = shared_from_this();
    limit_login();
    if (activity_.sessions > shared_.options.max_sessions) {
      co_await refuse(client_, "53300", "sorry, too many clients already");
      co_return;
    }
    const auto first = co_await first_byte();
    if (first == k_tls_handshake) {
      co_await run_tls();
      co_return;
    }
    while (first) {
      const auto head = co_await read_head(client_);
      if (!head) {
        co_return;
      }
      const auto code = read_uint32(*head, 4);
      const bool is_request = read_uint32(*head, 0) == 8;
      if (is_request && code == k_gssenc_request) {
        co_await asio::async_write(client_, asio::buffer("N", 1), k_await);
        continue;
      }
      if (is_request && code == k_ssl_request) {
        if (has_pending_bytes()) {
          // Bytes sent before the handshake could be taken for bytes inside of it (CVE-2021-23214).
          co_await refuse(client_, "08P01", "received unencrypted data after SSL request");
          co_return;
        }
        co_await asio::async_write(client_, asio::buffer("S", 1), k_await);
        co_await run_tls();
        co_return;
      }
      co_await start(client_, *head, false);
      co_return;
    }
  }

 private:
  Awaitable<void> run_tls() {
    tls_.emplace(client_, *listener_->tls);
    const auto [code] = co_await tls_->async_handshake(asio::ssl::stream_base::server, k_await);
    if (code) {
      co_return;
    }
    if (const auto head = co_await read_head(*tls_)) {
      co_await start(*tls_, *head, true);
    }
  }

  /// The first byte without taking it; nothing when the client is gone.
  Awaitable<std::optional<unsigned char>> first_byte() {
    const auto [code] = co_await client_.async_wait(FrontSocket::wait_read, k_await);
    unsigned char byte = 0;
    if (code || ::recv(client_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1) {
      co_return std::nullopt;
    }
    co_return byte;
  }

  bool has_pending_bytes() {
    char byte = 0;
    return ::recv(client_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  }

  template <class Stream> static Awaitable<std::optional<std::string>> read_exactly(Stream& stream, std::size_t size) {
    std::string bytes(size, '\0');
    const auto [code, count] = co_await asio::async_read(stream, asio::buffer(bytes), k_await);
    if (code) {
      co_return std::nullopt;
    }
    co_return bytes;
  }

  template <class Stream> static Awaitable<std::optional<std::string>> read_head(Stream& stream) {
    return read_exactly(stream, 8);
  }

  // Plain arguments on purpose: GCC 12 destroys aggregates and closures in a co_await's arguments twice.
  template <class Stream> static Awaitable<void> refuse(Stream& stream, std::string sql_state, std::string message) {
    const ClientError error{.sql_state = std::move(sql_state), .message = std::move(message)};
    co_await send(stream, error);
  }

  template <class Stream> static Awaitable<void> send(Stream& stream, const ClientError& error) {
    const auto message = error_response(error);
    co_await asio::async_write(stream, asio::buffer(message), k_await);
  }

  /// After the optional TLS: a cancel request, or the start of a session.
  template <class Stream> Awaitable<void> start(Stream& stream, std::string head, bool encrypted) {
    const std::size_t length = read_uint32(head, 0);
    if (length == 16 && read_uint32(head, 4) == k_cancel_request) {
      if (const auto rest = co_await read_exactly(stream, 8)) {
        co_await forward_cancel(head + *rest);
      }
      co_return;
    }
    if (length < 9 || length > k_max_startup_packet) {
      co_await refuse(stream, "08P01", "invalid length of startup packet");
      co_return;
    }
    const auto rest = co_await read_exactly(stream, length - 8);
    if (!rest) {
      co_return;
    }
    const std::string packet = head + *rest;
    const auto startup = StartupPacket::parse(packet);
    if (!startup) {
      co_await refuse(stream, startup.error().code, startup.error().message);
      co_return;
    }
    if (const auto problem = objection(*startup, encrypted)) {
      co_await send(stream, *problem);
      co_return;
    }
    if (co_await authenticate(stream, startup->user())) {
      co_await connect_and_pump(stream, packet);
    }
  }

  std::optional<ClientError> objection(const StartupPacket& startup, bool encrypted) {
    if (startup.wants_replication()) {
      return ClientError{.sql_state = "28000", .message = "replication connections are not offered here"};
    }
    boost::system::error_code code;
    const auto peer = client_.remote_endpoint(code);
    if (!encrypted && (code || !peer.address().is_loopback())) {
      return ClientError{.sql_state = "28000",
                         .message = "a token is only taken over TLS from another machine",
                         .hint = "connect with sslmode=require"};
    }
    return std::nullopt;
  }

  template <class Stream> Awaitable<bool> authenticate(Stream& stream, const std::string& user) {
    const auto request = authentication_cleartext_password();
    co_await asio::async_write(stream, asio::buffer(request), k_await);
    const auto head = co_await read_exactly(stream, 5);
    if (!head) {
      co_return false; // psql leaves here to ask its user
    }
    const std::size_t length = read_uint32(*head, 1);
    if (head->front() != 'p' || length < 5 || length > k_max_password_packet) {
      co_await refuse(stream, "08P01", "expected password response");
      co_return false;
    }
    const auto body = co_await read_exactly(stream, length - 4);
    if (!body) {
      co_return false;
    }
    const auto password = parse_password(*body);
    if (!password) {
      co_await refuse(stream, password.error().code, password.error().message);
      co_return false;
    }
    timer_.cancel(); // waking has its own limit
    auto login = co_await log_in_on_pool(user, *password);
    limit_login();
    if (login->refusal) {
      co_await send(stream, *login->refusal);
      co_return false;
    }
    lease_ = std::move(login->lease);
    co_return true;
  }

  Awaitable<std::shared_ptr<Login>> log_in_on_pool(std::string user, std::string token) {
    auto result = std::make_shared<Login>();
    auto initiate = [this, result, user = std::move(user), token = std::move(token)](auto handler) {
      asio::post(*shared_.pool, [this, result, user, token, handler = std::move(handler)]() mutable {
        *result = log_in(shared_.identity, *listener_->instance, user, token, shared_.options.wake_limit);
        auto executor = asio::get_associated_executor(handler);
        asio::post(executor, std::move(handler));
      });
    };
    const asio::use_awaitable_t<FrontExecutor> wait{};
    co_await asio::async_initiate<const asio::use_awaitable_t<FrontExecutor>, void()>(std::move(initiate), wait);
    co_return result;
  }

  template <class Stream> Awaitable<void> connect_and_pump(Stream& stream, const std::string& startup) {
    const asio::local::stream_protocol::endpoint endpoint(listener_->instance->socket_path());
    const auto [code] = co_await upstream_.async_connect(endpoint, k_await);
    if (code) {
      co_await refuse(stream, "57P03", "the database does not answer: " + code.message());
      co_return;
    }
    close_on_exec(upstream_.native_handle());
    const auto [write_code, written] = co_await asio::async_write(upstream_, asio::buffer(startup), k_await);
    if (write_code) {
      co_return;
    }
    timer_.cancel();
    asio::co_spawn(
        client_.get_executor(), [self = this->shared_from_this(), &stream] { return self->pump_client(stream); },
        asio::detached);
    co_await pump_server(stream);
    close_both();
  }

  template <class Stream> Awaitable<void> pump_client(Stream& stream) {
    const auto self = shared_from_this();
    std::array<char, k_client_buffer> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    while (true) {
      const auto [code, count] = co_await stream.async_read_some(asio::buffer(buffer), k_await);
      if (code) {
        break;
      }
      set_busy(true);
      activity_.touch();
      const auto [write_code, written] =
          co_await asio::async_write(upstream_, asio::buffer(buffer.data(), count), k_await);
      if (write_code) {
        break;
      }
    }
    // The server notices a client that went away in the middle of a query only by a closed socket.
    boost::system::error_code ignored;
    upstream_.close(ignored);
  }

  template <class Stream> Awaitable<void> pump_server(Stream& stream) {
    std::vector<char> buffer(k_server_buffer);
    ServerStreamTracker tracker;
    while (true) {
      const auto [code, count] = co_await upstream_.async_read_some(asio::buffer(buffer), k_await);
      if (code) {
        co_return;
      }
      tracker.feed(std::string_view(buffer.data(), count));
      if (tracker.status() != 0) {
        lease_ = {};
      }
      set_busy(tracker.status() != 'I');
      activity_.touch();
      const auto [write_code, written] =
          co_await asio::async_write(stream, asio::buffer(buffer.data(), count), k_await);
      if (write_code) {
        co_return;
      }
    }
  }

  Awaitable<void> forward_cancel(std::string packet) {
    // The server itself compares process and key; a sleeping one has nothing to cancel.
    if (!listener_->instance->is_awake()) {
      co_return;
    }
    const asio::local::stream_protocol::endpoint endpoint(listener_->instance->socket_path());
    const auto [code] = co_await upstream_.async_connect(endpoint, k_await);
    if (code) {
      co_return;
    }
    co_await asio::async_write(upstream_, asio::buffer(packet), k_await);
    // Closed by the server when it has taken note; libpq waits for that.
    char byte = 0;
    co_await upstream_.async_read_some(asio::buffer(&byte, 1), k_await);
  }

  void limit_login() {
    timer_.expires_after(shared_.options.login_limit);
    timer_.async_wait([self = weak_from_this()](boost::system::error_code code) {
      if (const auto session = self.lock(); session && !code) {
        session->close_both();
      }
    });
  }

  void close_both() {
    boost::system::error_code ignored;
    client_.shutdown(FrontSocket::shutdown_both, ignored);
    client_.close(ignored);
    upstream_.close(ignored);
  }

  void set_busy(bool busy) {
    if (busy != busy_) {
      busy_ = busy;
      activity_.busy += busy ? 1 : -1;
    }
  }

  FrontSocket client_;
  std::optional<asio::ssl::stream<FrontSocket&>> tls_;
  UpstreamSocket upstream_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, FrontExecutor>
      timer_;
  std::shared_ptr<FrontListener> listener_;
  FrontShared& shared_;
  Activity& activity_;
  Lease lease_; ///< from the wake to the first ReadyForQuery
  bool busy_ = false;
};

Awaitable<void> accept_loop(std::shared_ptr<FrontListener> listener, FrontShared& shared) {
  while (listener->acceptor.is_open()) {
    auto [code, socket] = co_await listener->acceptor.async_accept(k_await);
    if (code == asio::error::operation_aborted) {
      co_return;
    }
    if (code) {
      continue;
    }
    auto session = std::make_shared<Session>(std::move(socket), listener, shared);
    asio::co_spawn(session->executor(), [session] { return session->run(); }, asio::detached);
  }
}

} // namespace

void serve(std::shared_ptr<FrontListener> listener, FrontShared& shared) {
  auto executor = listener->acceptor.get_executor();
  asio::co_spawn(
      executor, [listener = std::move(listener), &shared] { return accept_loop(listener, shared); }, asio::detached);
}

} // namespace pier::lakebase
