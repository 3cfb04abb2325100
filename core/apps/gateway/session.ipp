#pragma once

// Shared by session.cpp and forward.cpp only: coroutines need Asio's types in their signatures.

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

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T> using Task = asio::awaitable<T, Executor>;
inline constexpr auto k_await = asio::as_tuple(asio::use_awaitable_t<Executor>());
using std::chrono::steady_clock;

inline constexpr auto k_write_stall = std::chrono::seconds(60);

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

struct UpstreamPool {
  std::uint64_t generation = 0;
  std::vector<std::unique_ptr<Upstream>> idle;
};

std::string_view reason_of(int status);

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

  static Task<void> run(std::shared_ptr<Session> self);

  void tick(SteadyTime now) override;

  void route_changed() override { changed_.cancel(); }

  void end_stream() override;

  void abort() override;

 private:
  enum class Reply { keep, close, nothing }; ///< nothing: the app closed before a byte of its answer

  Task<bool> read_head();

  static Task<bool> read_more(Socket& socket, Buffer& buffer);

  template <class Buffers> Task<bool> write_client(const Buffers& buffers) {
    deadline_ = steady_clock::now() + k_write_stall;
    const auto [failed, count] = co_await asio::async_write(client_, buffers, k_await);
    deadline_ = SteadyTime::max();
    co_return !failed;
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;

  /// An answer of the gateway's own. Returns whether the connection may go on.
  Task<bool> reply(int status, std::string_view type, std::string body, Fields fields, bool keep);

  Task<bool> reply_page(const GatewayPage& page, Fields fields = {});

  /// A person's browser opens a page: may be redirected and shown HTML.
  [[nodiscard]] bool is_navigation() const;

  Task<bool> serve();

  [[nodiscard]] GatewayPage wrong_host() const;

  static GatewayPage wrong_origin();

  [[nodiscard]] GatewayPage waking_up() const;

  [[nodiscard]] GatewayPage no_logs() const;

  static GatewayPage not_a_websocket();

  [[nodiscard]] OwnRequest own_request() const;

  Task<bool> serve_own();

  Task<Result<Visitor>> authenticate();

  /// Bearer tokens count on /api/ (as on the platform) and for the log stream.
  [[nodiscard]] std::string_view bearer_token() const;

  Task<bool> refuse(const Error& error);

  Task<bool> serve_logs(const Visitor& visitor);

  /// Lets a running app through, wakes a sleeping one and waits; else the page that says what is the matter.
  Task<std::optional<GatewayPage>> await_app();

  Task<void> wait_for_change(steady_clock::duration limit);

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

  void remember_request(InFlight& counted);

  Task<bool> forward(const Visitor& visitor);

  /// A pooled connection to the app, or a new one.
  Task<bool> connect(bool fresh_only, bool has_body);

  void give_back();

  Task<bool> reply_broken(const BodyTracker& body);

  /// Request body and answer flow at the same time; an app may answer before it has read all.
  Task<Reply> exchange(BodyTracker& body);

  Task<void> send_body(BodyTracker& body);

  Task<Reply> relay_beside_body();

  /// Reads one response head of the app; 0 when there is none.
  Task<std::size_t> read_response_head(ResponseHead& head);

  Task<Reply> relay();

  void become_tunnel(const ResponseHead& head, std::size_t size);

  Task<Reply> relay_final(const ResponseHead& head, std::size_t size);

  /// Lets the client read the last answer before the connection goes, though it may still be sending.
  Task<void> say_goodbye();

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

} // namespace pier::apps
