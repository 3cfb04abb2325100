#include "core/apps/gateway/engine.hpp"
#include "core/apps/gateway/web_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <sys/socket.h>

namespace pier::apps {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
template <class T> using Task = asio::awaitable<T, Executor>;
constexpr auto k_await = asio::as_tuple(asio::use_awaitable_t<Executor>());

constexpr std::size_t k_buffer = 16UL * 1024;
constexpr auto k_write_stall = std::chrono::seconds(60);

/// A WebSocket between a visitor and an app: two pumps of raw bytes.
class Tunnel final : public Connection, public std::enable_shared_from_this<Tunnel> {
 public:
  Tunnel(Engine& engine, std::shared_ptr<AppEntry> app, int client, int upstream)
      : app_(std::move(app)),
        client_{.socket = Socket(engine.io.get_executor(), tcp::v4(), client)},
        upstream_{.socket = Socket(engine.io.get_executor(), tcp::v4(), upstream)} {
    app_->connections.insert(this);
    app_->open_streams.fetch_add(1, std::memory_order_relaxed);
    app_->touch();
  }

  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  ~Tunnel() override {
    app_->connections.erase(this);
    app_->open_streams.fetch_sub(1, std::memory_order_relaxed);
  }

  void start(std::string to_client, std::string to_app) {
    const auto executor = client_.socket.get_executor();
    asio::co_spawn(executor, pump(shared_from_this(), client_, upstream_, std::move(to_app)), asio::detached);
    asio::co_spawn(executor, pump(shared_from_this(), upstream_, client_, std::move(to_client)), asio::detached);
  }

  void tick(SteadyTime now) override {
    if (now > client_.write_until || now > upstream_.write_until) {
      abort();
    }
  }

  void route_changed() override {}

  void end_stream() override {
    // A frame of ours may only stand between two frames of the app.
    if (!client_.writing && upstream_.frames.at_boundary()) {
      const auto bytes = close_frame(1001, "the app goes to sleep");
      ::send(client_.socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    abort();
  }

  void abort() override {
    for (auto* side : {&client_, &upstream_}) {
      boost::system::error_code ignored;
      side->socket.shutdown(tcp::socket::shutdown_both, ignored);
      side->socket.cancel(ignored);
    }
  }

 private:
  struct Side {
    Socket socket;
    FrameObserver frames = {}; ///< of what this side sends
    bool writing = false;      ///< to this side
    SteadyTime write_until = SteadyTime::max();
  };

  static Task<void> pump(std::shared_ptr<Tunnel> self, Side& from, Side& to, std::string first) {
    std::array<char, k_buffer> buffer{};
    std::string_view bytes = first;
    while (true) {
      if (!bytes.empty()) {
        if (from.frames.observe(bytes)) {
          self->app_->touch();
        }
        to.writing = true;
        to.write_until = std::chrono::steady_clock::now() + k_write_stall;
        const auto [failed, written] = co_await asio::async_write(to.socket, asio::buffer(bytes), k_await);
        to.writing = false;
        to.write_until = SteadyTime::max();
        if (failed) {
          self->abort();
          co_return;
        }
      }
      const auto [failed, count] = co_await from.socket.async_read_some(asio::buffer(buffer), k_await);
      if (failed == asio::error::eof) {
        boost::system::error_code ignored;
        to.socket.shutdown(tcp::socket::shutdown_send, ignored);
        co_return;
      }
      if (failed) {
        self->abort();
        co_return;
      }
      bytes = std::string_view(buffer.data(), count);
    }
  }

  std::shared_ptr<AppEntry> app_; // connections outlive the list entry of a closed app
  Side client_;
  Side upstream_;
};

} // namespace

void start_tunnel(Engine& engine, std::shared_ptr<AppEntry> app, int client, int upstream, std::string to_client,
                  std::string to_app) {
  std::make_shared<Tunnel>(engine, std::move(app), client, upstream)->start(std::move(to_client), std::move(to_app));
}

} // namespace pier::apps
