#include "core/http/connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
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
    asio::post(executor(), [self = this->shared_from_this()] { self->write_next(); });
  }

  void overflow() override {
    asio::post(executor(), [self = this->shared_from_this()] { self->abort(); });
  }

  /// A chain of completions that ends when none of them holds the session any more.
  void start() {
    beast::http::request_parser<beast::http::empty_body> parser;
    error_code bad;
    parser.put(asio::buffer(head_), bad);
    if (bad) {
      return end();
    }
    stream_.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream_.set_option(beast::websocket::stream_base::decorator([this](beast::websocket::response_type& response) {
      for (const auto& [name, value] : service_.options.common_headers.all()) {
        response.set(name, value);
      }
    }));
    stream_.read_message_max(k_max_message);
    request_ = parser.release();
    stream_.async_accept(request_,
                         [self = this->shared_from_this()](const error_code& code) { self->on_accept(code); });
  }

 private:
  void on_accept(const error_code& code) {
    if (code) {
      return end();
    }
    open_ = true;
    handler_.on_open(handle_);
    read_next();
  }

  void read_next() {
    stream_.async_read(buffer_, [self = this->shared_from_this()](const error_code& code, std::size_t count) {
      self->on_read(code, count);
    });
  }

  void on_read(const error_code& code, std::size_t count) {
    if (code) {
      return end();
    }
    if (handler_.on_message) {
      handler_.on_message(handle_, beast::buffers_to_string(buffer_.data()));
    }
    buffer_.consume(count);
    read_next();
  }

  void write_next() {
    auto item = handle_->pop();
    if (!item) {
      return;
    }
    current_ = std::move(*item);
    auto self = this->shared_from_this();
    if (current_.kind == Outgoing::Kind::close) {
      beast::websocket::close_reason reason;
      reason.code = current_.code;
      reason.reason.assign(current_.bytes.data(), std::min(current_.bytes.size(), reason.reason.max_size()));
      stream_.async_close(reason, [self](const error_code&) {});
      return;
    }
    stream_.text(current_.kind == Outgoing::Kind::text);
    stream_.async_write(asio::buffer(current_.bytes), [self](const error_code& code, std::size_t) {
      if (!code) {
        self->write_next();
      }
    });
  }

  void end() {
    handle_->detach();
    if (open_ && handler_.on_close) {
      handler_.on_close();
    }
    abort();
  }

  beast::websocket::stream<Stream, false> stream_;
  std::string head_;
  WebSocketHandler handler_;
  Service& service_;
  Connections& connections_;
  std::shared_ptr<Handle> handle_;
  beast::http::request<beast::http::empty_body> request_;
  beast::flat_buffer buffer_;
  Outgoing current_; ///< being written
  bool open_ = false;
};

} // namespace

template <class Stream>
void serve_websocket(Stream stream, std::string head, WebSocketHandler handler, Service& service,
                     Connections& connections) {
  std::make_shared<Session<Stream>>(std::move(stream), std::move(head), std::move(handler), service, connections)
      ->start();
}

template void serve_websocket(Socket, std::string, WebSocketHandler, Service&, Connections&);
template void serve_websocket(TlsStream, std::string, WebSocketHandler, Service&, Connections&);

} // namespace pier::http
