#pragma once

#include "core/lakebase/front.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>

// Included by front.cpp and front_session.cpp only: the one place of this room that knows Asio.
namespace pier::lakebase {

namespace asio = boost::asio;

// Concrete executors: no virtual calls on the path of every query.
using FrontExecutor = asio::io_context::executor_type;
using FrontSocket = asio::basic_stream_socket<asio::ip::tcp, FrontExecutor>;
using FrontAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, FrontExecutor>;
using UpstreamSocket = asio::basic_stream_socket<asio::local::stream_protocol, FrontExecutor>;

struct FrontListener {
  std::shared_ptr<InstanceRuntime> instance;
  FrontAcceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
};

struct FrontShared {
  identity::Identity& identity;
  FrontOptions options;
  asio::thread_pool* pool = nullptr;
};

/// Accepts and serves until the acceptor is closed.
void serve(std::shared_ptr<FrontListener> listener, FrontShared& shared);

} // namespace pier::lakebase
