#include "core/apps/gateway/engine.hpp"
#include "core/apps/gateway/web_socket.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/base/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace pier::apps {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T> using Task = asio::awaitable<T, Executor>;
constexpr auto k_await = asio::as_tuple(asio::use_awaitable_t<Executor>());

constexpr std::size_t k_backlog = 200;
constexpr auto k_look = std::chrono::milliseconds(100); ///< how often the log is looked at
constexpr auto k_keep_alive = std::chrono::seconds(15);

/// /logz/stream (facts: apps-runtime 1.8): the client's first text frame is what to search for; then come the
/// last lines and whatever follows, and a frame of one NUL byte as a keep-alive.
class LogStream final : public Connection, public std::enable_shared_from_this<LogStream> {
 public:
  LogStream(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string read_already)
      : engine_(engine),
        app_(std::move(app)),
        socket_(engine.io.get_executor(), tcp::v4(), client),
        timer_(engine.io.get_executor()),
        in_(std::move(read_already)) {
    app_->connections.insert(this);
  }

  LogStream(const LogStream&) = delete;
  LogStream& operator=(const LogStream&) = delete;

  ~LogStream() override { app_->connections.erase(this); }

  void start() {
    asio::co_spawn(socket_.get_executor(), read(shared_from_this()), asio::detached);
    asio::co_spawn(socket_.get_executor(), follow(shared_from_this()), asio::detached);
  }

  void tick(SteadyTime) override {}

  void route_changed() override {}

  void end_stream() override {}

  void abort() override {
    closed_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.cancel(ignored);
    timer_.cancel();
  }

 private:
  static Task<void> read(std::shared_ptr<LogStream> self) {
    std::array<char, 4096> buffer{};
    while (!self->closed_) {
      bool broken = false;
      while (const auto frame = parse_client_frame(self->in_, broken)) {
        self->take(*frame);
        self->in_.erase(0, frame->size);
      }
      if (broken) {
        self->abort();
        co_return;
      }
      const auto [failed, count] = co_await self->socket_.async_read_some(asio::buffer(buffer), k_await);
      if (failed) {
        self->abort();
        co_return;
      }
      self->in_.append(buffer.data(), count);
    }
  }

  void take(const ClientFrame& frame) {
    if (frame.opcode == 1 && !search_) {
      search_ = to_lower(frame.payload);
      timer_.cancel();
    } else if (frame.opcode == 8) {
      closing_ = true;
      timer_.cancel();
    }
  }

  static Task<void> follow(std::shared_ptr<LogStream> self) {
    while (!self->search_ && !self->closed_ && !self->closing_) {
      co_await self->pause(std::chrono::hours(1));
    }
    auto path = self->engine_.host.log_file(self->app_->name);
    auto follower = LogFollower(path);
    std::string out;
    for (const auto& record : read_last_lines(path, k_backlog, {}, self->search_.value_or(""))) {
      out += text_frame(record.to_json());
    }
    auto last_sent = std::chrono::steady_clock::now();
    while (!self->closed_ && !self->closing_) {
      const auto now = std::chrono::steady_clock::now();
      if (out.empty() && now - last_sent > k_keep_alive) {
        out = text_frame(std::string_view("\0", 1));
      }
      if (!out.empty()) {
        const auto [failed, count] = co_await asio::async_write(self->socket_, asio::buffer(out), k_await);
        if (failed) {
          self->abort();
          co_return;
        }
        out.clear();
        last_sent = now;
      }
      co_await self->pause(k_look);
      out = self->news(path, follower);
    }
    if (!self->closed_) {
      const auto bytes = close_frame(1000);
      co_await asio::async_write(self->socket_, asio::buffer(bytes), k_await);
      self->abort();
    }
  }

  /// What came to the log; a new deployment has a new file.
  std::string news(std::filesystem::path& path, LogFollower& follower) {
    std::string out;
    const auto send = [&](const std::vector<LogRecord>& records) {
      for (const auto& record : records) {
        if (search_->empty() || to_lower(record.message).find(*search_) != std::string::npos) {
          out += text_frame(record.to_json());
        }
      }
    };
    send(follower.poll());
    if (auto current = engine_.host.log_file(app_->name); current != path) {
      path = std::move(current);
      follower = LogFollower(path, false);
      send(follower.poll());
    }
    return out;
  }

  Task<void> pause(std::chrono::milliseconds time) {
    timer_.expires_after(time);
    co_await timer_.async_wait(k_await);
  }

  Engine& engine_;
  std::shared_ptr<AppEntry> app_; // connections outlive the list entry of a closed app
  Socket socket_;
  Timer timer_;
  std::string in_;
  std::optional<std::string> search_;
  bool closing_ = false;
  bool closed_ = false;
};

} // namespace

void start_log_stream(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string read_already) {
  std::make_shared<LogStream>(engine, std::move(app), client, std::move(read_already))->start();
}

} // namespace pier::apps
