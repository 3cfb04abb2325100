#include "core/http/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <openssl/ssl.h>

namespace pier::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto k_connect_time = std::chrono::seconds(30);

struct Address {
  bool secure = false;
  std::string host; ///< without brackets and port
  std::string port;
  std::string authority; ///< as in Host
  std::string target;
};

/// ws, wss, http and https.
Result<Address> parse_address(const std::string& url) {
  Address address;
  std::string_view rest = url;
  const auto take_scheme = [&](std::string_view scheme) {
    const bool fits = rest.starts_with(scheme);
    rest.remove_prefix(fits ? scheme.size() : 0);
    return fits;
  };
  address.secure = take_scheme("wss://") || take_scheme("https://");
  if (!address.secure && !take_scheme("ws://") && !take_scheme("http://")) {
    return Error{
        .kind = ErrorKind::invalid_argument, .code = "PIER0336", .message = "'" + url + "' is no WebSocket address"};
  }
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  address.authority = rest.substr(0, end);
  address.target = rest.substr(end);
  if (address.target.empty() || address.target.front() == '?') {
    address.target.insert(address.target.begin(), '/');
  }
  const auto bracket = address.authority.rfind(']');
  const auto colon = address.authority.find(':', bracket == std::string::npos ? 0 : bracket);
  address.host = address.authority.substr(0, colon);
  address.port = colon == std::string::npos ? (address.secure ? "443" : "80") : address.authority.substr(colon + 1);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

/// The exchange as a chain of completions on one loop, which this thread runs.
template <class Stream> class Conversation {
 public:
  Conversation(asio::io_context& loop, websocket::stream<Stream>& stream, const Address& address,
               const Headers& headers, const std::string& first_text,
               const std::function<void(std::string_view)>& on_text)
      : loop_(loop),
        stream_(stream),
        address_(address),
        headers_(headers),
        first_text_(first_text),
        on_text_(on_text) {}

  void start(const tcp::resolver::results_type& endpoints) {
    beast::get_lowest_layer(stream_).expires_after(k_connect_time);
    beast::get_lowest_layer(stream_).async_connect(
        endpoints, [this](const error_code& code, const tcp::endpoint&) { on_connect(code); });
  }

  /// Asks the peer to close; the answer ends the loop.
  void stop() {
    stopped_ = true;
    if (open_) {
      stream_.async_close(websocket::close_code::normal, [](const error_code&) {});
    } else {
      beast::get_lowest_layer(stream_).cancel();
    }
  }

  [[nodiscard]] Result<std::uint16_t> outcome() const {
    if (stopped_) {
      return static_cast<std::uint16_t>(websocket::close_code::normal);
    }
    if (open_) {
      const auto code = static_cast<std::uint16_t>(stream_.reason().code);
      return code == 0 ? static_cast<std::uint16_t>(websocket::close_code::abnormal) : code;
    }
    return failure_;
  }

 private:
  void fail(const error_code& code, const std::string& doing) {
    end(Error{.kind = ErrorKind::unavailable, .code = "PIER0330", .message = doing + ": " + code.message()});
  }

  /// The stream's own timers would keep the loop busy.
  void end(Error failure) {
    failure_ = std::move(failure);
    loop_.stop();
  }

  void on_connect(const error_code& code) {
    if (code) {
      return fail(code, "cannot connect to " + address_.authority);
    }
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      // SSL_set_tlsext_host_name, without the macro's cast.
      ::SSL_ctrl(stream_.next_layer().native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(address_.host.c_str()));
      stream_.next_layer().set_verify_callback(asio::ssl::host_name_verification(address_.host));
      stream_.next_layer().async_handshake(asio::ssl::stream_base::client, [this](const error_code& bad) {
        return bad ? fail(bad, "cannot talk to " + address_.authority) : shake_hands();
      });
    } else {
      shake_hands();
    }
  }

  void shake_hands() {
    beast::get_lowest_layer(stream_).expires_never(); // from here the stream's own time-outs
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::client));
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      for (const auto& [name, value] : headers_.all()) {
        request.set(name, value);
      }
    }));
    stream_.async_handshake(response_, address_.authority, address_.target,
                            [this](const error_code& code) { on_handshake(code); });
  }

  void on_handshake(const error_code& code) {
    if (code) {
      const auto status = response_.result_int();
      const auto kind = status == 401   ? ErrorKind::unauthenticated
                        : status == 403 ? ErrorKind::permission_denied
                                        : ErrorKind::unavailable;
      end(Error{.kind = kind,
                .code = "PIER0338",
                .message = address_.authority + address_.target + " is no WebSocket: " +
                           (code == websocket::error::upgrade_declined ? "status " + std::to_string(status)
                                                                       : code.message())});
      return;
    }
    open_ = true;
    stream_.text(true);
    stream_.async_write(asio::buffer(first_text_), [this](const error_code& bad, std::size_t) {
      if (!bad) {
        read();
      }
    });
  }

  void read() {
    stream_.async_read(buffer_, [this](const error_code& code, std::size_t count) {
      if (code) {
        loop_.stop();
        return;
      }
      if (stream_.got_text()) {
        const auto data = buffer_.cdata();
        on_text_({static_cast<const char*>(data.data()), count});
      }
      buffer_.consume(count);
      read();
    });
  }

  asio::io_context& loop_;
  websocket::stream<Stream>& stream_;
  const Address& address_;
  const Headers& headers_;
  const std::string& first_text_;
  const std::function<void(std::string_view)>& on_text_;
  websocket::response_type response_;
  beast::flat_buffer buffer_;
  Error failure_{.kind = ErrorKind::unavailable, .code = "PIER0333", .message = "the connection ended"};
  bool open_ = false;
  bool stopped_ = false;
};

template <class Stream, class... Extra>
Result<std::uint16_t> converse(asio::io_context& loop, const Address& address, const Headers& headers,
                               const std::string& first_text, const std::function<void(std::string_view)>& on_text,
                               const std::stop_token& stop, Extra&... extra) {
  tcp::resolver resolver(loop);
  error_code code;
  const auto endpoints = resolver.resolve(address.host, address.port, code);
  if (code) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER0331",
                 .message = "the name of " + address.host + " cannot be resolved"};
  }
  websocket::stream<Stream> stream(loop, extra...);
  Conversation<Stream> conversation(loop, stream, address, headers, first_text, on_text);
  conversation.start(endpoints);
  const std::stop_callback on_stop(stop, [&] { asio::post(stream.get_executor(), [&] { conversation.stop(); }); });
  loop.run();
  return conversation.outcome();
}

} // namespace

Result<std::uint16_t> run_websocket(const std::string& url, const Headers& headers, const std::string& first_text,
                                    const std::function<void(std::string_view)>& on_text, std::stop_token stop) {
  PIER_TRY_ASSIGN(const auto address, parse_address(url));
  asio::io_context loop(1);
  if (!address.secure) {
    return converse<beast::tcp_stream>(loop, address, headers, first_text, on_text, stop);
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  error_code code;
  tls.set_default_verify_paths(code);
  tls.set_verify_mode(asio::ssl::verify_peer, code);
  return converse<TlsStream>(loop, address, headers, first_text, on_text, stop, tls);
}

} // namespace pier::http
