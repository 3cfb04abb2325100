#include "core/http/body_reader.hpp"
#include "core/http/body_sink.hpp"
#include "core/http/connection.hpp"
#include "core/http/file_reader.hpp"
#include "core/http/input_buffer.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <unistd.h>

#include <array>

namespace pier::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket>;
template <class T> using Task = asio::awaitable<T, Executor>;

constexpr auto k_await = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::size_t k_head_buffer = std::size_t{16} * 1024;
constexpr std::size_t k_body_buffer = std::size_t{256} * 1024;

Socket& socket_of(Socket& stream) {
  return stream;
}

Socket& socket_of(TlsStream& stream) {
  return stream.next_layer();
}

/// One connection: reads requests, runs them, writes answers. Lives on one loop.
template <class Stream> class Session final : public Connection {
 public:
  Session(Stream stream, std::string peer, Service& service, Connections& connections)
      : stream_(std::move(stream)),
        peer_(std::move(peer)),
        service_(service),
        connections_(connections) {
    connections_.add(*this);
  }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() override { connections_.remove(*this); }

  void check(steady_clock::time_point now) override {
    if (now < deadline_) {
      return;
    }
    if (timed_out_) {
      abort();
      return;
    }
    timed_out_ = true;
    deadline_ = now + std::chrono::seconds(2); // to say why
    error_code ignored;
    socket_of(stream_).cancel(ignored);
  }

  void drain() override {
    draining_ = true;
    if (idle_) {
      abort();
    }
  }

  void abort() override {
    error_code ignored;
    socket_of(stream_).close(ignored);
  }

  Task<void> run() {
    // The condition stands in the body: GCC 12 compiles an await in an empty loop's condition wrongly.
    bool open = co_await handshake();
    while (open) {
      open = co_await serve_one();
    }
  }

 private:
  Task<bool> handshake() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      set_deadline(service_.options.head_timeout);
      error_code code; // a tuple of one element is what GCC 12 compiles wrongly
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable_t<Executor>{}, code));
      co_return !code;
    }
    co_return true;
  }

  /// False when the connection has ended.
  Task<bool> serve_one() {
    auto head = co_await read_head();
    if (!head) {
      co_return false;
    }
    framing_ = {.keep_alive = head->keep_alive && !draining_,
                .is_http_1_0 = head->is_http_1_0,
                .is_head_request = head->method == "HEAD"};
    auto request = take_request(*head, peer_, std::is_same_v<Stream, TlsStream>);
    if (head->wants_websocket) {
      co_return co_await upgrade(request);
    }
    BodySink body(service_.options.max_memory_body, service_.options.max_body, service_.options.spool_folder);
    if (head->has_body()) {
      auto refusal = co_await receive_body(*head, request, body);
      if (refusal) {
        co_await refuse(std::move(*refusal));
        co_return false;
      }
      request.body = std::move(body.memory());
      request.body_file = body.file();
    }
    const auto response = co_await dispatch(request);
    framing_.keep_alive = framing_.keep_alive && !draining_;
    const bool written = co_await write(response);
    co_return (written && framing_.keep_alive);
  }

  Task<std::optional<RequestHead>> read_head() {
    std::size_t searched = 0;
    idle_ = input_.empty();
    input_.shrink(k_head_buffer);
    set_deadline(idle_ ? service_.options.idle_timeout : service_.options.head_timeout);
    if (draining_ && idle_) {
      co_return std::nullopt;
    }
    while (true) {
      skip_empty_lines();
      const auto end = find_head_end(input_.view(), searched);
      if (end.value_or(input_.size()) > k_max_head) {
        co_return co_await refuse_head(431, "the request's head is larger than 64 KiB");
      }
      if (end) {
        co_return co_await accept_head(*end);
      }
      if (!input_.empty() && (input_.view().front() < 'A' || input_.view().front() > 'z')) {
        co_return co_await refuse_head(400, "the request is malformed (is this port asked with the right scheme?)");
      }
      if (!co_await fill()) {
        if (timed_out_ && !input_.empty()) {
          co_return co_await refuse_head(408, "the request's head did not arrive in time");
        }
        co_return std::nullopt;
      }
      if (idle_) {
        idle_ = false;
        set_deadline(service_.options.head_timeout);
      }
    }
  }

  /// RFC 9112 2.2: an empty line before a request is skipped.
  void skip_empty_lines() {
    while (input_.view().starts_with("\r\n")) {
      input_.consume(2);
    }
  }

  Task<std::optional<RequestHead>> accept_head(std::size_t size) {
    const auto text = input_.view().substr(0, size);
    auto parsed = parse_request_head(text);
    if (const auto* bad = std::get_if<BadHead>(&parsed)) {
      co_return co_await refuse_head(bad->status, bad->message);
    }
    auto& head = std::get<RequestHead>(parsed);
    if (head.wants_websocket) {
      head_text_ = text;
    }
    input_.consume(size);
    co_return std::move(head);
  }

  Task<std::optional<RequestHead>> refuse_head(int status, std::string message) {
    framing_ = {};
    auto response = service_.dispatcher->protocol_error(status, message);
    co_await refuse(std::move(response));
    co_return std::nullopt;
  }

  /// Answers before the request was read to its end, so the connection cannot go on. What the peer still
  /// sends is read for a moment: closing at once would reset the answer away (RFC 9112 9.6).
  Task<void> refuse(Response response) {
    framing_.keep_alive = false;
    if (!co_await write(response)) {
      co_return;
    }
    error_code code;
    socket_of(stream_).shutdown(tcp::socket::shutdown_send, code);
    set_deadline(std::chrono::seconds(2));
    bool more = true;
    while (more) {
      input_.consume(input_.size());
      more = co_await fill();
    }
  }

  /// The response that refuses the body, or nothing when it is in `body`.
  Task<std::optional<Response>> receive_body(const RequestHead& head, const Request& request, BodySink& body) {
    const auto length = head.content_length.value_or(0);
    auto& dispatcher = *service_.dispatcher;
    if (length > service_.options.max_body) {
      co_return dispatcher.protocol_error(413, "the body is larger than " + std::to_string(service_.options.max_body) +
                                                   " bytes");
    }
    bool asked = length > service_.options.max_memory_body;
    if (asked) {
      if (auto refusal = dispatcher.refuse(request)) {
        co_return refusal;
      }
    }
    set_deadline(service_.options.stall_timeout);
    if (head.expects_continue && input_.empty()) {
      static constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await write_all({asio::buffer(k_continue), asio::const_buffer()})) {
        co_return dispatcher.protocol_error(408, "the connection ended");
      }
    }
    BodyReader reader(head, body);
    input_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(reader.bytes_left(), k_body_buffer)));
    while (true) {
      const auto complete = reader.feed(input_);
      if (!complete) {
        co_return body_refusal(dispatcher, complete.error());
      }
      if (!asked && !body.file().empty()) { // chunks that turn out to be large
        asked = true;
        if (auto refusal = dispatcher.refuse(request)) {
          co_return refusal;
        }
      }
      if (*complete) {
        co_return std::nullopt;
      }
      if (!co_await fill()) {
        co_return dispatcher.protocol_error(408, "the body did not arrive");
      }
      set_deadline(service_.options.stall_timeout);
    }
  }

  Task<Response> dispatch(const Request& request) {
    set_deadline(std::chrono::hours(24 * 365)); // a route takes the time it needs
    auto& dispatcher = *service_.dispatcher;
    if (dispatcher.cost(request.method, request.path) == Cost::quick) {
      co_return handle_safely(dispatcher, request);
    }
    Response response;
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        [&](auto handler) {
          const auto executor = socket_of(stream_).get_executor();
          // The pool's tasks must be copyable; a completion handler is not.
          const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          service_.workers.submit([&, shared, executor, guard = asio::make_work_guard(executor)] {
            response = handle_safely(dispatcher, request);
            asio::post(executor, [shared] { std::move (*shared)(); });
          });
        },
        asio::use_awaitable_t<Executor>{});
    co_return response;
  }

  Task<bool> upgrade(const Request& request) {
    Response refusal;
    auto handler = service_.dispatcher->upgrade(request, refusal);
    if (!handler) {
      const bool written = co_await write(refusal);
      co_return (written && framing_.keep_alive);
    }
    if (!input_.empty()) {
      co_await refuse(service_.dispatcher->protocol_error(400, "data before the WebSocket's handshake is done"));
      co_return false;
    }
    serve_websocket(std::move(stream_), std::move(head_text_), std::move(handler).value(), service_, connections_);
    co_return false;
  }

  Task<bool> write(const Response& response) {
    const auto head =
        write_response_head(response, service_.options.common_headers, framing_, connections_.date.value());
    if (response.file && !framing_.is_head_request) {
      auto file = FileReader::open(*response.file);
      if (file) {
        co_return co_await write_file(head, std::move(file).value());
      }
      framing_.keep_alive = false;
      co_return co_await write(service_.dispatcher->protocol_error(500, "the file of the answer cannot be read"));
    }
    const bool bodiless = framing_.is_head_request || content_length_of(response) == 0;
    co_return co_await write_all({asio::buffer(head), bodiless ? asio::const_buffer() : asio::buffer(response.body)});
  }

  /// The first piece leaves with the head in one write. A file that shrinks ends the connection, since the
  /// promised length cannot be kept.
  Task<bool> write_file(std::string_view head, FileReader file) {
    auto first = asio::buffer(head);
    do {
      const auto piece = file.next();
      if (!piece) {
        co_return false;
      }
      if (!co_await write_all({first, asio::buffer(*piece)})) {
        co_return false;
      }
      first = {};
    } while (!file.at_end());
    co_return true;
  }

  Task<bool> write_all(std::array<asio::const_buffer, 2> buffers) {
    while (buffers[0].size() + buffers[1].size() > 0) {
      set_deadline(service_.options.stall_timeout);
      const auto [code, count] = co_await stream_.async_write_some(buffers, k_await);
      if (code) {
        co_return false;
      }
      const auto of_first = std::min(count, buffers[0].size());
      buffers[0] += of_first;
      buffers[1] += count - of_first;
    }
    co_return true;
  }

  Task<bool> fill() {
    auto* const space = input_.free_space();
    const auto [code, count] = co_await stream_.async_read_some(asio::buffer(space, input_.free_size()), k_await);
    input_.commit(count);
    co_return !code;
  }

  void set_deadline(std::chrono::milliseconds from_now) {
    if (!timed_out_) {
      deadline_ = steady_clock::now() + from_now;
    }
  }

  Stream stream_;
  std::string peer_;
  Service& service_;
  Connections& connections_;
  InputBuffer input_{k_head_buffer};
  std::string head_text_; ///< of a WebSocket's request
  ResponseFraming framing_;
  steady_clock::time_point deadline_ = steady_clock::time_point::max();
  bool timed_out_ = false;
  bool draining_ = false;
  bool idle_ = true;
};

template <class Stream> void spawn(asio::io_context& loop, std::unique_ptr<Session<Stream>> session) {
  asio::co_spawn(
      loop.get_executor(), [owned = std::move(session)]() -> Task<void> { co_await owned->run(); }, asio::detached);
}

} // namespace

void serve_connection(asio::io_context& loop, int socket, bool is_v6, std::string peer, Service& service,
                      Connections& connections, asio::ssl::context* tls) {
  Socket accepted(loop.get_executor());
  error_code code;
  accepted.assign(is_v6 ? tcp::v6() : tcp::v4(), socket, code);
  if (code) {
    ::close(socket);
    return;
  }
  accepted.set_option(tcp::no_delay(true), code);
  if (tls != nullptr) {
    spawn(loop, std::make_unique<Session<TlsStream>>(TlsStream(std::move(accepted), *tls), std::move(peer), service,
                                                     connections));
  } else {
    spawn(loop, std::make_unique<Session<Socket>>(std::move(accepted), std::move(peer), service, connections));
  }
}

} // namespace pier::http
