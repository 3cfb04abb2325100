#include "core/apps/gateway/body_tracker.hpp"
#include "core/apps/gateway/buffer.hpp"
#include "core/apps/gateway/engine.hpp"
#include "core/apps/gateway/session_cookie.hpp"
#include "core/apps/gateway/web_socket.hpp"
#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

namespace pier::apps {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T> using Task = asio::awaitable<T, Executor>;
constexpr auto k_await = asio::as_tuple(asio::use_awaitable_t<Executor>());
using std::chrono::steady_clock;

constexpr auto k_write_stall = std::chrono::seconds(60);
constexpr auto k_linger = std::chrono::seconds(2);
constexpr auto k_trust_check = std::chrono::seconds(1); ///< how long a checked credential is not checked again
constexpr auto k_notice_crash = std::chrono::milliseconds(500);
constexpr std::size_t k_max_known = 4096;
constexpr std::size_t k_max_idle_upstreams = 64;

/// Runs `work` on a worker thread and comes back to the io thread with its result. (Give it a named function
/// object: GCC 12 destroys closures twice that are temporaries of a co_await expression.)
template <class Work> auto on_worker(Engine& engine, const Work& work) {
  using Value = std::invoke_result_t<Work>;
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::shared_ptr<Value>)>(
      [&engine, work](auto handler) mutable {
        asio::post(engine.workers, [&engine, work, handler = std::move(handler)]() mutable {
          auto value = std::make_shared<Value>(work());
          asio::post(engine.io, [handler = std::move(handler), value = std::move(value)]() mutable {
            std::move(handler)(std::move(value));
          });
        });
      },
      asio::use_awaitable_t<Executor>());
}

struct Upstream {
  explicit Upstream(const Executor& executor)
      : socket(executor) {}

  Socket socket;
  Buffer in;
  bool pooled = false;
};

/// The peer has closed (or sent something unasked): not to be used again.
bool is_stale(Socket& socket) {
  char byte = 0;
  const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || errno != EAGAIN;
}

bool has_left(Socket& socket) {
  char byte = 0;
  const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

} // namespace

struct UpstreamPool {
  std::uint64_t generation = 0;
  std::vector<std::unique_ptr<Upstream>> idle;
};

namespace {

std::string_view reason_of(int status) {
  switch (status) {
  case 101: return "Switching Protocols";
  case 200: return "OK";
  case 302: return "Found";
  case 303: return "See Other";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 421: return "Misdirected Request";
  case 431: return "Request Header Fields Too Large";
  case 501: return "Not Implemented";
  case 502: return "Bad Gateway";
  case 503: return "Service Unavailable";
  case 505: return "HTTP Version Not Supported";
  default: return "";
  }
}

/// One visitor's connection: requests one after the other.
class Session final : public Connection, public std::enable_shared_from_this<Session> {
 public:
  Session(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string peer)
      : engine_(engine),
        app_(std::move(app)),
        client_(engine.io.get_executor(), tcp::v4(), client),
        changed_(engine.io.get_executor()),
        peer_(std::move(peer)) {
    app_->connections.insert(this);
  }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() override { app_->connections.erase(this); }

  static Task<void> run(std::shared_ptr<Session> self) {
    // GCC 12 awaits in short-circuit conditions too eagerly: no co_await behind && and || in this file.
    bool go_on = true;
    while (go_on) {
      go_on = co_await self->read_head();
      if (go_on) {
        go_on = co_await self->serve();
      }
    }
    co_await self->say_goodbye();
  }

  void tick(SteadyTime now) override {
    if (now > deadline_ || (watch_client_ && client_.is_open() && has_left(client_))) {
      abort();
    }
  }

  void route_changed() override { changed_.cancel(); }

  void end_stream() override {
    if (streaming_) {
      abort();
    }
  }

  void abort() override {
    aborted_ = true;
    error_code ignored;
    client_.shutdown(tcp::socket::shutdown_both, ignored);
    client_.cancel(ignored);
    if (upstream_ != nullptr) {
      upstream_->socket.cancel(ignored);
    }
    changed_.cancel();
  }

 private:
  enum class Reply { keep, close, nothing }; ///< nothing: the app closed before a byte of its answer

  Task<bool> read_head() {
    deadline_ = steady_clock::now() + engine_.options.idle_timeout;
    std::size_t searched = 0;
    while (!aborted_) {
      const auto bytes = in_.view();
      head_size_ = find_head_end(bytes, searched);
      if (head_size_ > 0) {
        deadline_ = SteadyTime::max();
        co_return true;
      }
      searched = bytes.size();
      if (in_.full()) {
        co_await reply(431, "text/plain", "the head of the request is larger than 64 KiB\n", {}, false);
        co_return false;
      }
      if (!co_await read_more(client_, in_)) {
        co_return false;
      }
      if (searched == 0) {
        deadline_ = steady_clock::now() + engine_.options.head_timeout;
      }
    }
    co_return false;
  }

  static Task<bool> read_more(Socket& socket, Buffer& buffer) {
    const auto room = buffer.room();
    const auto [failed, count] = co_await socket.async_read_some(asio::buffer(room.data, room.size), k_await);
    buffer.commit(failed ? 0 : count);
    co_return !failed;
  }

  template <class Buffers> Task<bool> write_client(const Buffers& buffers) {
    deadline_ = steady_clock::now() + k_write_stall;
    const auto [failed, count] = co_await asio::async_write(client_, buffers, k_await);
    deadline_ = SteadyTime::max();
    co_return !failed;
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// An answer of the gateway's own. Returns whether the connection may go on.
  Task<bool> reply(int status, std::string_view type, std::string body, Fields fields, bool keep) {
    const bool clean = keep && head_.body == BodyKind::none && !aborted_;
    std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_of(status)) + "\r\n";
    for (const auto& [name, value] : fields) {
      out += name + ": " + value + "\r\n";
    }
    if (!body.empty()) {
      out.append("Content-Type: ").append(type).append("\r\n");
    }
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    out += clean ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    if (head_.method != "HEAD") {
      out += body;
    }
    in_.consume(head_size_);
    head_size_ = 0;
    const bool written = co_await write_client(asio::buffer(out));
    co_return written&& clean;
  }

  Task<bool> reply_page(const GatewayPage& page, Fields fields = {}) {
    fields.emplace_back("Cache-Control", "no-store");
    if (page.refresh_seconds > 0) {
      fields.emplace_back("Retry-After", std::to_string(page.refresh_seconds));
    }
    const bool html = is_navigation();
    return reply(page.status, html ? "text/html; charset=utf-8" : "application/json",
                 html ? to_html(page) : to_json(page), std::move(fields), head_.keep_alive);
  }

  /// A person's browser opens a page: may be redirected and shown HTML.
  [[nodiscard]] bool is_navigation() const {
    if (head_.method != "GET" || head_.upgrades_to_websocket) {
      return false;
    }
    const auto mode = head_.get("sec-fetch-mode");
    return mode.empty() ? head_.get("accept").find("text/html") != std::string_view::npos : mode == "navigate";
  }

  Task<bool> serve() {
    if (const auto problem = scan_request(in_.view().substr(0, head_size_), head_)) {
      co_return co_await reply(problem.status, "text/plain", std::string(problem.reason) + "\n", {}, false);
    }
    if (!app_->accepts_host(head_.host)) {
      const auto page = wrong_host();
      co_return co_await reply_page(page);
    }
    if (is_own_path(head_.path())) {
      co_return co_await serve_own();
    }
    if (head_.upgrades_to_websocket && !head_.get("origin").empty() && !app_->accepts_origin(head_.get("origin"))) {
      const auto page = wrong_origin();
      co_return co_await reply_page(page);
    }
    const auto visitor = co_await authenticate();
    if (!visitor) {
      co_return co_await refuse(visitor.error());
    }
    if (head_.path() == "/logz" || head_.path() == "/logz/stream") {
      co_return co_await serve_logs(*visitor);
    }
    if (const auto page = co_await await_app()) {
      co_return aborted_ ? false : co_await reply_page(*page);
    }
    co_return co_await forward(*visitor);
  }

  [[nodiscard]] GatewayPage wrong_host() const {
    return {.status = 421,
            .code = "WRONG_HOST",
            .title = "no app answers under this host name",
            .message = "This port serves the app " + app_->name + " as 127.0.0.1, localhost or " + app_->name +
                       ".localhost only."};
  }

  static GatewayPage wrong_origin() {
    return {.status = 403,
            .code = "WRONG_ORIGIN",
            .title = "this WebSocket comes from another site",
            .message = "Only pages of this app may open its WebSockets."};
  }

  [[nodiscard]] GatewayPage waking_up() const {
    return {.status = 503,
            .code = "APP_STARTING",
            .title = app_->name + " is waking up",
            .message = "It was asleep because nobody used it. This page looks again by itself.",
            .refresh_seconds = 1};
  }

  [[nodiscard]] GatewayPage no_logs() const {
    return {.status = 403,
            .code = "PERMISSION_DENIED",
            .title = "you may not see the logs of " + app_->name,
            .message = "CAN_MANAGE on the app is needed."};
  }

  static GatewayPage not_a_websocket() {
    return {.status = 400,
            .code = "BAD_REQUEST",
            .title = "the log stream is a WebSocket",
            .message = "Ask for /logz to see it in a browser."};
  }

  [[nodiscard]] OwnRequest own_request() const {
    return {.method = std::string(head_.method),
            .path = std::string(head_.path()),
            .query = std::string(head_.query()),
            .origin = std::string(head_.get("origin")),
            .host = std::string(head_.host),
            .session = std::string(cookie_value(head_, app_->cookie_name()))};
  }

  Task<bool> serve_own() {
    const auto request = own_request();
    std::set<std::string> signed_out;
    const auto work = [this, &request, &signed_out] { return answer_own(engine_, *app_, request, signed_out); };
    const auto answer = co_await on_worker(engine_, work);
    engine_.revoked.insert(signed_out.begin(), signed_out.end());
    if (!signed_out.empty()) {
      engine_.known.clear();
    }
    co_return co_await reply(answer->status, answer->type, answer->body, answer->fields, head_.keep_alive);
  }

  Task<Result<Visitor>> authenticate() {
    const auto now = steady_clock::now();
    const auto cookie = cookie_value(head_, app_->cookie_name());
    const auto session = open_session(cookie, app_->name, engine_.options.session_key, engine_.clock.now());
    const auto token = bearer_token();
    if ((!session || engine_.revoked.contains(session->id)) && token.empty()) {
      co_return Error{.kind = ErrorKind::unauthenticated,
                      .code = "UNAUTHENTICATED",
                      .message = "this app asks who you are",
                      .hint = "pier open " + app_->name};
    }
    const auto key = app_->name + (token.empty() ? " c " + std::string(cookie) : " t " + std::string(token));
    if (const auto known = engine_.known.find(key); known != engine_.known.end() && now < known->second.until) {
      co_return known->second.visitor;
    }
    const std::string secret(token);
    const auto work = [this, &session, &secret] {
      return secret.empty() ? engine_.host.visitor_by_id(app_->name, session->principal_id)
                            : engine_.host.visitor_by_token(app_->name, secret);
    };
    const auto checked = co_await on_worker(engine_, work);
    if (*checked) {
      if (engine_.known.size() > k_max_known) {
        engine_.known.clear();
      }
      engine_.known.insert_or_assign(key, Engine::Known{.visitor = **checked, .until = now + k_trust_check});
    }
    co_return *checked;
  }

  /// Bearer tokens count on /api/ (as on the platform) and for the log stream.
  [[nodiscard]] std::string_view bearer_token() const {
    const auto path = head_.path();
    const auto value = head_.get("authorization");
    if ((!path.starts_with("/api/") && path != "/logz/stream") || value.size() < 8 ||
        !equals_ignore_case(value.substr(0, 7), "bearer ")) {
      return {};
    }
    return trim(value.substr(7));
  }

  Task<bool> refuse(const Error& error) {
    if (error.kind == ErrorKind::unauthenticated && is_navigation()) {
      const auto to = "/.pier/sign-in?to=" + percent_encode(safe_return_path(head_.target), true);
      return reply(302, "text/plain", "", {{"Location", to}, {"Cache-Control", "no-store"}}, head_.keep_alive);
    }
    GatewayPage page{.status = error.kind == ErrorKind::unauthenticated ? 401 : 403,
                     .code = error.kind == ErrorKind::unauthenticated ? "UNAUTHENTICATED" : "PERMISSION_DENIED",
                     .title =
                         error.kind == ErrorKind::unauthenticated ? "not signed in" : "you may not use " + app_->name,
                     .message = error.message,
                     .command = error.hint};
    Fields fields;
    if (page.status == 401) {
      if (!head_.get("authorization").empty() && bearer_token().empty()) {
        page.message += "; bearer tokens are accepted on /api/ paths only, as on Databricks";
      }
      fields.emplace_back("WWW-Authenticate", "Bearer realm=\"" + app_->name + "\"");
    } else if (error.kind != ErrorKind::permission_denied) {
      page.status = 502;
      page.code = "INTERNAL_ERROR";
      page.title = app_->name + " cannot be served";
    }
    return reply_page(page, std::move(fields));
  }

  Task<bool> serve_logs(const Visitor& visitor) {
    if (!visitor.can_manage) {
      const auto page = no_logs();
      co_return co_await reply_page(page);
    }
    if (head_.path() == "/logz") {
      co_return co_await reply(200, "text/html; charset=utf-8", logs_html(app_->name), {}, head_.keep_alive);
    }
    if (!head_.upgrades_to_websocket || head_.get("sec-websocket-key").empty()) {
      const auto page = not_a_websocket();
      co_return co_await reply_page(page);
    }
    const auto out = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Accept: " +
                     websocket_accept(head_.get("sec-websocket-key")) + "\r\n\r\n";
    in_.consume(head_size_);
    if (co_await write_client(asio::buffer(out))) {
      start_log_stream(engine_, app_, client_.release(), std::string(in_.view()));
    }
    aborted_ = true;
    co_return false;
  }

  /// Lets a running app through, wakes a sleeping one and waits; else the page that says what is the matter.
  Task<std::optional<GatewayPage>> await_app() {
    const auto began = steady_clock::now();
    std::optional<GatewayPage> page;
    while (app_->open && !aborted_) {
      const auto phase = app_->route.phase;
      if (phase == Phase::running) {
        co_return page;
      }
      if (phase != Phase::asleep && phase != Phase::starting) {
        break;
      }
      if (phase == Phase::asleep && !app_->wake_asked) {
        app_->wake_asked = true;
        engine_.host.wake(app_->name);
      }
      const auto limit = is_navigation() ? engine_.options.page_after : engine_.options.wake_timeout;
      const auto left = began + limit - steady_clock::now();
      if (left <= std::chrono::milliseconds(0) || app_->waiting_now >= engine_.options.max_waiting) {
        page = waking_up();
        co_return page;
      }
      co_await wait_for_change(left);
    }
    page.emplace();
    if (!aborted_) {
      const auto work = [this] { return engine_.host.describe(app_->name); };
      page = *co_await on_worker(engine_, work);
    }
    co_return page;
  }

  Task<void> wait_for_change(steady_clock::duration limit) {
    ++app_->waiting_now;
    app_->waiting.store(app_->waiting_now, std::memory_order_relaxed);
    watch_client_ = head_.body == BodyKind::none;
    changed_.expires_after(limit);
    co_await changed_.async_wait(k_await);
    watch_client_ = false;
    --app_->waiting_now;
    app_->waiting.store(app_->waiting_now, std::memory_order_relaxed);
  }

  /// Counts a request as use of the app while it lasts; as a stream once it turned out to be one.
  class InFlight {
   public:
    explicit InFlight(AppEntry& app)
        : app_(app),
          counter_(&app.in_flight) {
      counter_->fetch_add(1, std::memory_order_relaxed);
      app_.touch();
    }

    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

    ~InFlight() {
      counter_->fetch_sub(1, std::memory_order_relaxed);
      app_.touch();
    }

    void become_stream() {
      app_.open_streams.fetch_add(1, std::memory_order_relaxed);
      counter_->fetch_sub(1, std::memory_order_relaxed);
      counter_ = &app_.open_streams;
    }

   private:
    AppEntry& app_;
    std::atomic<std::size_t>* counter_;
  };

  void remember_request(InFlight& counted) {
    request_ = {.method = std::string(head_.method),
                .keep_alive = head_.keep_alive,
                .upgrade = head_.upgrades_to_websocket,
                .counted = &counted};
  }

  Task<bool> forward(const Visitor& visitor) {
    InFlight counted(*app_);
    remember_request(counted);
    const auto out = upstream_head(head_, visitor, peer_, random_uuid());
    BodyTracker body(head_.body, head_.content_length);
    const bool has_body = !body.done();
    in_.consume(head_size_);
    head_size_ = 0;
    const std::string first(in_.view().substr(0, body.advance(in_.view())));
    in_.consume(first.size());
    for (bool fresh_only = false;; fresh_only = true) {
      bool connected = co_await connect(fresh_only, has_body);
      if (!connected) {
        // It may have ended this moment, and will be started again: what serves now is asked once more.
        co_await wait_for_change(k_notice_crash);
        if (const auto page = co_await await_app()) {
          co_return aborted_ ? false : co_await reply_page(*page);
        }
        connected = co_await connect(true, has_body);
      }
      if (body.broken() || !connected) {
        co_return co_await reply_broken(body);
      }
      const bool pooled = upstream_->pooled;
      const std::array<asio::const_buffer, 2> pieces = {asio::buffer(out), asio::buffer(first)};
      const auto [failed, written] = co_await asio::async_write(upstream_->socket, pieces, k_await);
      Reply answer = Reply::nothing;
      if (!failed && body.done()) {
        watch_client_ = true;
        answer = co_await relay();
        watch_client_ = false;
      } else if (!failed) {
        answer = co_await exchange(body);
      }
      if (answer != Reply::nothing || aborted_) {
        co_return answer == Reply::keep && !aborted_;
      }
      upstream_.reset();
      if (!pooled || has_body) {
        co_return co_await reply_broken(body);
      }
    }
  }

  /// A pooled connection to the app, or a new one.
  Task<bool> connect(bool fresh_only, bool has_body) {
    auto& pool = *app_->pool;
    if (pool.generation != app_->generation) {
      pool.idle.clear();
      pool.generation = app_->generation;
    }
    generation_ = pool.generation;
    while (!fresh_only && !pool.idle.empty()) {
      upstream_ = std::move(pool.idle.back());
      pool.idle.pop_back();
      // A request with a body cannot be sent twice: its connection must be known to be good.
      if (!has_body || !is_stale(upstream_->socket)) {
        co_return true;
      }
    }
    for (const auto& address :
         {asio::ip::address(asio::ip::address_v4::loopback()), asio::ip::address(asio::ip::address_v6::loopback())}) {
      upstream_ = std::make_unique<Upstream>(client_.get_executor());
      const auto [failed] =
          co_await upstream_->socket.async_connect(tcp::endpoint(address, app_->route.upstream_port), k_await);
      if (!failed) {
        error_code ignored;
        upstream_->socket.set_option(tcp::no_delay(true), ignored);
        co_return true;
      }
    }
    upstream_.reset();
    co_return false;
  }

  void give_back() {
    auto& pool = *app_->pool;
    if (app_->generation == generation_ && pool.generation == generation_ && pool.idle.size() < k_max_idle_upstreams &&
        upstream_->in.view().empty()) {
      upstream_->pooled = true;
      pool.idle.push_back(std::move(upstream_));
    }
    upstream_.reset();
  }

  Task<bool> reply_broken(const BodyTracker& body) {
    upstream_.reset();
    if (body.broken()) {
      co_return co_await reply(400, "text/plain", "the body is not properly chunked\n", {}, false);
    }
    const auto work = [this] { return engine_.host.describe(app_->name); };
    const auto page = co_await on_worker(engine_, work);
    const auto out = "HTTP/1.1 " + std::to_string(page->status) + " " + std::string(reason_of(page->status)) +
                     "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
    const auto text = to_json(*page);
    const std::array<asio::const_buffer, 2> pieces = {asio::buffer(out), asio::buffer(text)};
    co_await write_client(pieces);
    co_return false;
  }

  /// Request body and answer flow at the same time; an app may answer before it has read all.
  Task<Reply> exchange(BodyTracker& body) {
    using namespace asio::experimental::awaitable_operators; // NOLINT(google-build-using-namespace)
    answered_ = false;
    const auto answer = co_await (send_body(body) && relay_beside_body());
    co_return answer == Reply::keep && !body.done() ? Reply::close : answer;
  }

  Task<void> send_body(BodyTracker& body) {
    while (!body.done() && !answered_) {
      if (in_.view().empty()) {
        const bool more = co_await read_more(client_, in_);
        if (!more && !answered_) {
          abort();
        }
        if (!more) {
          co_return;
        }
      }
      const auto piece = in_.view().substr(0, body.advance(in_.view()));
      if (body.broken()) {
        abort();
        co_return;
      }
      const auto [failed, count] = co_await asio::async_write(upstream_->socket, asio::buffer(piece), k_await);
      if (failed) {
        co_return;
      }
      in_.consume(piece.size());
      app_->touch();
    }
    watch_client_ = body.done();
  }

  Task<Reply> relay_beside_body() {
    const auto answer = co_await relay();
    answered_ = true;
    watch_client_ = false;
    error_code ignored;
    client_.cancel(ignored);
    if (upstream_ != nullptr) {
      upstream_->socket.cancel(ignored);
    }
    co_return answer;
  }

  /// Reads one response head of the app; 0 when there is none.
  Task<std::size_t> read_response_head(ResponseHead& head) {
    auto& in = upstream_->in;
    std::size_t searched = 0;
    std::size_t size = find_head_end(in.view(), 0);
    while (size == 0) {
      searched = in.view().size();
      if (in.full()) {
        co_return 0;
      }
      if (!co_await read_more(upstream_->socket, in)) {
        co_return 0;
      }
      upstream_->pooled = false;
      size = find_head_end(in.view(), searched);
    }
    co_return scan_response(in.view().substr(0, size), head) ? 0 : size;
  }

  Task<Reply> relay() {
    ResponseHead head;
    while (true) {
      const auto size = co_await read_response_head(head);
      if (size == 0) {
        co_return Reply::nothing;
      }
      if (head.status == 101 && request_.upgrade) {
        become_tunnel(head, size);
        co_return Reply::close;
      }
      if (head.status >= 200) {
        co_return co_await relay_final(head, size);
      }
      const auto out = downstream_head(head, true);
      upstream_->in.consume(size);
      if (!co_await write_client(asio::buffer(out))) {
        abort();
        co_return Reply::close;
      }
    }
  }

  void become_tunnel(const ResponseHead& head, std::size_t size) {
    auto to_client = downstream_head(head, true);
    to_client.append(upstream_->in.view().substr(size));
    const int upstream = upstream_->socket.release();
    start_tunnel(engine_, app_, client_.release(), upstream, std::move(to_client), std::string(in_.view()));
    upstream_.reset();
    aborted_ = true; // the sockets are gone
  }

  Task<Reply> relay_final(const ResponseHead& head, std::size_t size) {
    const auto kind = head.body(request_.method);
    const bool keep = request_.keep_alive && kind != BodyKind::until_close;
    const bool reusable = head.keep_alive && kind != BodyKind::until_close;
    BodyTracker body(kind, head.content_length);
    const auto out = downstream_head(head, keep);
    if (head.is_event_stream) {
      request_.counted->become_stream();
      streaming_ = true;
    }
    upstream_->in.consume(size);
    std::string_view piece = upstream_->in.view().substr(0, body.advance(upstream_->in.view()));
    const std::array<asio::const_buffer, 2> first = {asio::buffer(out), asio::buffer(piece)};
    bool fine = co_await write_client(first);
    while (fine) {
      upstream_->in.consume(piece.size());
      if (body.done()) {
        break;
      }
      bool more = !body.broken();
      if (more) {
        more = co_await read_more(upstream_->socket, upstream_->in);
      }
      if (!more) {
        fine = kind == BodyKind::until_close;
        break;
      }
      piece = upstream_->in.view().substr(0, body.advance(upstream_->in.view()));
      fine = co_await write_client(asio::buffer(piece));
      app_->touch();
    }
    streaming_ = false;
    if (!fine) {
      abort(); // the client must not take half an answer for a whole one
      upstream_.reset();
      co_return Reply::close;
    }
    if (reusable) {
      give_back();
    }
    upstream_.reset();
    co_return keep ? Reply::keep : Reply::close;
  }

  /// Lets the client read the last answer before the connection goes, though it may still be sending.
  Task<void> say_goodbye() {
    if (aborted_) {
      co_return;
    }
    deadline_ = steady_clock::now() + k_linger;
    error_code ignored;
    client_.shutdown(tcp::socket::shutdown_send, ignored);
    std::size_t drained = 0;
    while (!aborted_ && drained < Buffer::k_large * 4) {
      in_.clear();
      if (!co_await read_more(client_, in_)) {
        break;
      }
      drained += in_.view().size();
    }
  }

  struct CurrentRequest {
    std::string method;
    bool keep_alive = true;
    bool upgrade = false;
    InFlight* counted = nullptr;
  };

  Engine& engine_;
  std::shared_ptr<AppEntry> app_; // connections outlive the list entry of a closed app
  Socket client_;
  Timer changed_;
  std::string peer_;
  Buffer in_;
  std::size_t head_size_ = 0;
  RequestHead head_;
  CurrentRequest request_;
  std::unique_ptr<Upstream> upstream_;
  std::uint64_t generation_ = 0;
  SteadyTime deadline_ = SteadyTime::max();
  bool watch_client_ = false;
  bool streaming_ = false;
  bool answered_ = false;
  bool aborted_ = false;
};

} // namespace

void start_session(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string peer) {
  if (app->pool == nullptr) {
    app->pool = std::make_shared<UpstreamPool>();
  }
  auto session = std::make_shared<Session>(engine, std::move(app), client, std::move(peer));
  asio::co_spawn(engine.io, Session::run(std::move(session)), asio::detached);
}

} // namespace pier::apps
