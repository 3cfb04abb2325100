#include "core/http/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <deque>
#include <mutex>

namespace pier::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;
template <class T> using Task = asio::awaitable<T, Executor>;

constexpr auto k_await = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::size_t k_max_message = std::size_t{16} * 1024 * 1024;
constexpr std::size_t k_max_queued = std::size_t{64} * 1024 * 1024; ///< a peer that does not read is cut off

struct Outgoing {
  enum class Kind { text, binary, close };
  Kind kind = Kind::text;
  std::string bytes;
  std::uint16_t code = 0;
};

/// Where a handle's calls go; alive while the handle says so.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual void wake() = 0;     ///< from any thread
  virtual void overflow() = 0; ///< from any thread
};

/// What routes hold. Outlives the connection: calls after its end do nothing.
class Handle final : public WebSocket {
 public:
  explicit Handle(Outbox& outbox)
      : outbox_(&outbox) {}

  void send_text(std::string text) override { push({Outgoing::Kind::text, std::move(text), 0}); }

  void send_binary(std::string bytes) override { push({Outgoing::Kind::binary, std::move(bytes), 0}); }

  void close(std::uint16_t code, std::string reason) override {
    push({Outgoing::Kind::close, std::move(reason), code});
  }

  void detach() {
    const std::lock_guard lock(mutex_);
    outbox_ = nullptr;
    queue_.clear();
  }

  /// Nothing: the writer rests, the next push wakes it.
  std::optional<Outgoing> pop() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      writing_ = false;
      return std::nullopt;
    }
    auto item = std::move(queue_.front());
    queue_.pop_front();
    queued_ -= item.bytes.size();
    return item;
  }

 private:
  void push(Outgoing item) {
    const std::lock_guard lock(mutex_);
    if (outbox_ == nullptr) {
      return;
    }
    queued_ += item.bytes.size();
    if (queued_ > k_max_queued) {
      outbox_->overflow();
      return;
    }
    queue_.push_back(std::move(item));
    if (!writing_) {
      writing_ = true;
      outbox_->wake();
    }
  }

  std::mutex mutex_;
  Outbox* outbox_;
  std::deque<Outgoing> queue_;
  std::size_t queued_ = 0;
  bool writing_ = false;
};

template <class Stream>
class Session final : public Connection, public Outbox, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, std::string head, WebSocketHandler handler, Service& service, Connections& connections)
      : stream_(std::move(stream)),
        head_(std::move(head)),
        handler_(std::move(handler)),
        service_(service),
        connections_(connections),
        handle_(std::make_shared<Handle>(*this)) {
    connections_.add(*this);
  }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() override { connections_.remove(*this); }

  Executor executor() { return beast::get_lowest_layer(stream_).get_executor(); }

  void check(std::chrono::steady_clock::time_point) override {} // the stream's own time-outs

  void drain() override { handle_->close(1001, "going away"); }

  void abort() override {
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

  void wake() override {
    asio::post(executor(), [self = this->shared_from_this()] {
      asio::co_spawn(self->executor(), [self]() -> Task<void> { co_await self->write_queued(); }, asio::detached);
    });
  }

  void overflow() override {
    asio::post(executor(), [self = this->shared_from_this()] { self->abort(); });
  }

  Task<void> run() {
    if (co_await accept()) {
      handler_.on_open(handle_);
      co_await read_messages();
      if (handler_.on_close) {
        handler_.on_close();
      }
    }
    handle_->detach();
    abort();
  }

 private:
  Task<bool> accept() {
    beast::http::request_parser<beast::http::empty_body> parser;
    error_code bad;
    parser.put(asio::buffer(head_), bad);
    if (bad) {
      co_return false;
    }
    stream_.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream_.set_option(beast::websocket::stream_base::decorator([this](beast::websocket::response_type& response) {
      for (const auto& [name, value] : service_.options.common_headers.all()) {
        response.set(name, value);
      }
    }));
    stream_.read_message_max(k_max_message);
    const auto request = parser.release();
    const auto [code] = co_await stream_.async_accept(request, k_await);
    co_return !code;
  }

  Task<void> read_messages() {
    beast::flat_buffer buffer;
    while (true) {
      const auto [code, count] = co_await stream_.async_read(buffer, k_await);
      if (code) {
        co_return;
      }
      if (handler_.on_message) {
        handler_.on_message(handle_, beast::buffers_to_string(buffer.data()));
      }
      buffer.consume(count);
    }
  }

  Task<void> write_queued() {
    while (auto item = handle_->pop()) {
      if (item->kind == Outgoing::Kind::close) {
        beast::websocket::close_reason reason;
        reason.code = item->code;
        reason.reason.assign(item->bytes.data(), std::min(item->bytes.size(), reason.reason.max_size()));
        co_await stream_.async_close(reason, k_await);
        co_return;
      }
      stream_.text(item->kind == Outgoing::Kind::text);
      const auto buffer = asio::buffer(item->bytes);
      const auto [code, written] = co_await stream_.async_write(buffer, k_await);
      if (code) {
        co_return;
      }
    }
  }

  beast::websocket::stream<Stream, false> stream_;
  std::string head_;
  WebSocketHandler handler_;
  Service& service_;
  Connections& connections_;
  std::shared_ptr<Handle> handle_;
};

} // namespace

template <class Stream>
void serve_websocket(Stream stream, std::string head, WebSocketHandler handler, Service& service,
                     Connections& connections) {
  const auto session =
      std::make_shared<Session<Stream>>(std::move(stream), std::move(head), std::move(handler), service, connections);
  asio::co_spawn(session->executor(), [session]() -> Task<void> { co_await session->run(); }, asio::detached);
}

template void serve_websocket(Socket, std::string, WebSocketHandler, Service&, Connections&);
template void serve_websocket(TlsStream, std::string, WebSocketHandler, Service&, Connections&);

} // namespace pier::http
