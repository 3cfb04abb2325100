#include "core/apps/gateway/session.ipp"

namespace pier::apps {
namespace {

constexpr auto k_notice_crash = std::chrono::milliseconds(500);
constexpr std::size_t k_max_idle_upstreams = 64;

/// The peer has closed (or sent something unasked): not to be used again.
bool is_stale(Socket& socket) {
  char byte = 0;
  const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || errno != EAGAIN;
}

} // namespace

void Session::remember_request(InFlight& counted) {
  request_ = {.method = std::string(head_.method),
              .keep_alive = head_.keep_alive,
              .upgrade = head_.upgrades_to_websocket,
              .counted = &counted};
}

Task<bool> Session::forward(const Visitor& visitor) {
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

Task<bool> Session::connect(bool fresh_only, bool has_body) {
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

void Session::give_back() {
  auto& pool = *app_->pool;
  if (app_->generation == generation_ && pool.generation == generation_ && pool.idle.size() < k_max_idle_upstreams &&
      upstream_->in.view().empty()) {
    upstream_->pooled = true;
    upstream_->in.shrink();
    pool.idle.push_back(std::move(upstream_));
  }
  upstream_.reset();
}

Task<bool> Session::reply_broken(const BodyTracker& body) {
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

Task<Session::Reply> Session::exchange(BodyTracker& body) {
  using namespace asio::experimental::awaitable_operators; // NOLINT(google-build-using-namespace)
  answered_ = false;
  const auto answer = co_await (send_body(body) && relay_beside_body());
  co_return answer == Reply::keep && !body.done() ? Reply::close : answer;
}

Task<void> Session::send_body(BodyTracker& body) {
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

Task<Session::Reply> Session::relay_beside_body() {
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

Task<std::size_t> Session::read_response_head(ResponseHead& head) {
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
  if (size > Buffer::k_max_head || scan_response(in.view().substr(0, size), head)) {
    co_return 0;
  }
  co_return size;
}

Task<Session::Reply> Session::relay() {
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

void Session::become_tunnel(const ResponseHead& head, std::size_t size) {
  auto to_client = downstream_head(head, true);
  to_client.append(upstream_->in.view().substr(size));
  const int upstream = upstream_->socket.release();
  start_tunnel(engine_, app_, client_.release(), upstream, std::move(to_client), std::string(in_.view()));
  upstream_.reset();
  aborted_ = true; // the sockets are gone
}

Task<Session::Reply> Session::relay_final(const ResponseHead& head, std::size_t size) {
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

} // namespace pier::apps
