#include "core/lakebase/front.hpp"

#include "core/base/guarded.hpp"
#include "core/base/log.hpp"
#include "core/lakebase/front_session.ipp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <openssl/ssl.h>

#include <map>
#include <thread>

namespace pier::lakebase {
namespace {

/// PostgreSQL 17 clients with sslnegotiation=direct insist on this name.
int select_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                unsigned in_length, void* /*argument*/) {
  static constexpr unsigned char k_name[] = "\x0apostgresql";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, k_name, sizeof k_name - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<asio::ssl::context>> make_tls(const Certificate& certificate) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  boost::system::error_code code;
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, code);
  const auto& key = certificate.key.reveal();
  context->use_certificate_chain(asio::buffer(certificate.certificate), code);
  if (!code) {
    context->use_private_key(asio::buffer(key), asio::ssl::context::pem, code);
  }
  if (code) {
    return Error{.kind = ErrorKind::internal,
                 .code = "PIER8005",
                 .message = "cannot use the server certificate: " + code.message()};
  }
  ::SSL_CTX_set_alpn_select_cb(context->native_handle(), select_alpn, nullptr);
  return context;
}

} // namespace

struct Front::Impl {
  Impl(identity::Identity& identity, FrontOptions options)
      : shared{.identity = identity, .options = options},
        work(asio::make_work_guard(io)),
        thread([this] { io.run(); }) {}

  asio::io_context io{1};
  asio::thread_pool pool{4};
  FrontShared shared;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  Guarded<std::map<std::string, std::shared_ptr<FrontListener>>> listeners;
  std::jthread thread;
};

Front::Front(identity::Identity& identity, FrontOptions options)
    : impl_(std::make_unique<Impl>(identity, options)) {
  impl_->shared.pool = &impl_->pool;
}

Front::~Front() {
  impl_->io.stop();
  impl_->thread.join();
  impl_->pool.stop();
  impl_->pool.join();
}

Result<void> Front::add(std::shared_ptr<InstanceRuntime> instance, ListenSocket socket,
                        const Certificate& certificate) {
  PIER_TRY_ASSIGN(auto tls, make_tls(certificate));
  auto name = instance->name();
  auto listener = std::make_shared<FrontListener>(
      FrontListener{.instance = std::move(instance), .acceptor = FrontAcceptor(impl_->io), .tls = std::move(tls)});
  boost::system::error_code code;
  listener->acceptor.assign(asio::ip::tcp::v4(), socket.fd.get(), code);
  if (code) {
    return Error{
        .kind = ErrorKind::internal, .code = "PIER8008", .message = "cannot serve a socket: " + code.message()};
  }
  [[maybe_unused]] const int owned_by_acceptor = socket.fd.release();
  (*impl_->listeners.lock()).insert_or_assign(name, listener);
  serve(listener, impl_->shared);
  return {};
}

void Front::remove(const std::string& instance) {
  std::shared_ptr<FrontListener> listener;
  {
    auto listeners = impl_->listeners.lock();
    if (const auto found = listeners->find(instance); found != listeners->end()) {
      listener = found->second;
      listeners->erase(found);
    }
  }
  if (listener) {
    asio::post(impl_->io, [listener] {
      boost::system::error_code ignored;
      listener->acceptor.close(ignored);
    });
  }
}

} // namespace pier::lakebase
