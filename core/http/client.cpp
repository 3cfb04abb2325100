#include "core/http/client.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/guarded.hpp"
#include "core/base/shared_library.hpp"
#include "core/base/text.hpp"
#include "core/http/client_error.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <mutex>

namespace pier::http {
namespace {

constexpr std::uint64_t k_max_response = 512ULL * 1024 * 1024; ///< in memory

/// libcurl's functions, from the library that is loaded on first use.
struct CurlApi {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_poll) multi_poll = nullptr;
  decltype(&::curl_multi_wakeup) multi_wakeup = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

template <class Function> bool look_up(const SharedLibrary& library, const char* name, Function& into) {
  into = library.function<std::remove_pointer_t<Function>>(name);
  return into != nullptr;
}

Result<CurlApi> load_curl() {
  constexpr std::string_view k_hint = "apt-get install libcurl4";
  PIER_TRY_ASSIGN(const auto library, SharedLibrary::load({"libcurl.so.4", "libcurl-gnutls.so.4"}, k_hint));
  CurlApi api;
  const bool complete =
      look_up(library, "curl_global_init", api.global_init) && look_up(library, "curl_easy_init", api.easy_init) &&
      look_up(library, "curl_easy_setopt", api.easy_setopt) && look_up(library, "curl_easy_reset", api.easy_reset) &&
      look_up(library, "curl_easy_cleanup", api.easy_cleanup) &&
      look_up(library, "curl_easy_getinfo", api.easy_getinfo) &&
      look_up(library, "curl_easy_strerror", api.easy_strerror) &&
      look_up(library, "curl_multi_init", api.multi_init) &&
      look_up(library, "curl_multi_cleanup", api.multi_cleanup) &&
      look_up(library, "curl_multi_add_handle", api.multi_add_handle) &&
      look_up(library, "curl_multi_remove_handle", api.multi_remove_handle) &&
      look_up(library, "curl_multi_perform", api.multi_perform) &&
      look_up(library, "curl_multi_poll", api.multi_poll) && look_up(library, "curl_multi_wakeup", api.multi_wakeup) &&
      look_up(library, "curl_multi_info_read", api.multi_info_read) &&
      look_up(library, "curl_slist_append", api.slist_append) &&
      look_up(library, "curl_slist_free_all", api.slist_free_all);
  if (!complete || api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER0109",
                 .message = "libcurl is too old",
                 .hint = std::string(k_hint)};
  }
  return api;
}

/// Loaded once for the process.
const Result<CurlApi>& curl_api() {
  static const auto api = load_curl();
  return api;
}

/// An easy handle with the multi handle that keeps its connections.
class Transfer {
 public:
  explicit Transfer(const CurlApi& api)
      : api_(&api),
        easy(api.easy_init()),
        multi(api.multi_init()) {}

  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  ~Transfer() {
    api_->easy_cleanup(easy);
    api_->multi_cleanup(multi);
  }

 private:
  const CurlApi* api_;

 public:
  CURL* const easy;
  CURLM* const multi;
};

bool is_loopback_url(std::string_view url) {
  const auto host = url.substr(std::min(url.find("://") + 3, url.size()));
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

/// What a running transfer reads and writes.
struct Exchange {
  Response response;
  UniqueFd upload;
  UniqueFd download;
  std::filesystem::path temporary; ///< of download; removed unless it was renamed
  std::optional<Error> failure;    ///< of our own callbacks

  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  ~Exchange() {
    if (!temporary.empty()) {
      ::unlink(temporary.c_str());
    }
  }
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) { // of the last response: 100 Continue and proxies come before it
    exchange.response.headers = {};
    std::int64_t status = 0;
    const auto space = std::min(line.find(' '), line.size());
    parse_int64(line.substr(space).substr(std::min<std::size_t>(1, line.size() - space), 3), status);
    exchange.response.status = static_cast<int>(status);
    return line.size();
  }
  if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.add(trim(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
  }
  return line.size();
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  std::string_view bytes(data, size * count);
  // Only a success is the file that was asked for; an error's body is its explanation.
  if (!exchange.download || exchange.response.status >= 300) {
    if (exchange.response.body.size() + bytes.size() > k_max_response) {
      exchange.failure = Error{.kind = ErrorKind::too_large, .code = "PIER0334", .message = "the answer is too large"};
      return 0;
    }
    exchange.response.body.append(bytes);
    return bytes.size();
  }
  while (!bytes.empty()) {
    const auto written = ::write(exchange.download.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      exchange.failure = error_from_errno(errno, "cannot write " + exchange.temporary.string());
      return 0;
    }
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return size * count;
}

std::size_t on_upload(char* into, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const auto got = ::read(exchange.upload.get(), into, size * count);
  return got < 0 ? static_cast<std::size_t>(CURL_READFUNC_ABORT) : static_cast<std::size_t>(got);
}

int on_rewind(void* context, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(context);
  return ::lseek(exchange.upload.get(), offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

class CurlClient final : public Client {
 public:
  explicit CurlClient(ClientOptions options)
      : options_(std::move(options)) {}

  Result<Response> send(const ClientRequest& request) override {
    if (!curl_api()) {
      return curl_api().error();
    }
    auto transfer = take_transfer();
    auto response = perform(*transfer, request);
    if (response) { // a broken one is thrown away with its connections
      idle_.lock()->push_back(std::move(transfer));
    }
    return response;
  }

 private:
  using HeaderList = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;

  static const CurlApi& api() { return *curl_api(); }

  std::unique_ptr<Transfer> take_transfer() {
    auto idle = idle_.lock();
    if (idle->empty()) {
      return std::make_unique<Transfer>(api());
    }
    auto transfer = std::move(idle->back());
    idle->pop_back();
    return transfer;
  }

  template <class Value> void set(CURL* easy, CURLoption option, Value value) const {
    api().easy_setopt(easy, option, value);
  }

  Result<Response> perform(Transfer& transfer, const ClientRequest& request) const {
    Exchange exchange;
    CURL* const easy = transfer.easy;
    api().easy_reset(easy);
    const auto headers = header_list(request);
    set_connection(easy, request);
    set(easy, CURLOPT_HTTPHEADER, headers.get());
    PIER_TRY(set_body(easy, request, exchange));
    PIER_TRY(set_response(easy, request, exchange));
    const auto code = run(transfer, request.stop);
    if (request.stop.stop_requested() && code != CURLE_OK) {
      return Error{.kind = ErrorKind::interrupted, .code = "PIER0335", .message = "interrupted"};
    }
    if (exchange.failure) {
      return *exchange.failure;
    }
    if (code != CURLE_OK) {
      TransferFacts facts{.code = code, .text = api().easy_strerror(code)};
      api().easy_getinfo(easy, CURLINFO_OS_ERRNO, &facts.system_error);
      api().easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &facts.proxy_status);
      return transfer_error(facts, request);
    }
    if (!exchange.temporary.empty() && exchange.response.status < 300) {
      PIER_TRY(finish_download(exchange, request));
    }
    return std::move(exchange.response);
  }

  /// Runs the transfer on this thread; a stop is heard at once.
  CURLcode run(Transfer& transfer, const std::stop_token& stop) const {
    const std::stop_callback wake(stop, [&] { api().multi_wakeup(transfer.multi); });
    api().multi_add_handle(transfer.multi, transfer.easy);
    auto outcome = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;
    while (!stop.stop_requested()) {
      if (api().multi_perform(transfer.multi, &running) != CURLM_OK) {
        outcome = CURLE_FAILED_INIT;
        break;
      }
      if (running == 0) {
        int left = 0;
        const auto* message = api().multi_info_read(transfer.multi, &left);
        outcome = message != nullptr ? message->data.result : CURLE_FAILED_INIT;
        break;
      }
      api().multi_poll(transfer.multi, nullptr, 0, 1000, nullptr);
    }
    api().multi_remove_handle(transfer.multi, transfer.easy);
    return outcome;
  }

  HeaderList header_list(const ClientRequest& request) const {
    curl_slist* list = nullptr;
    const auto append = [&](const std::string& line) { list = api().slist_append(list, line.c_str()); };
    for (const auto& [name, value] : request.headers.all()) {
      append(value.empty() ? name + ";" : name + ": " + value);
    }
    if (!request.headers.has("Content-Type")) {
      append("Content-Type:"); // libcurl would say that every body is a form
    }
    if (request.body_file.empty()) {
      append("Expect:");
    }
    return {list, api().slist_free_all};
  }

  void set_connection(CURL* easy, const ClientRequest& request) const {
    const bool loopback = is_loopback_url(request.url);
    const bool files = !request.body_file.empty() || !request.download_to.empty();
    const auto limit = static_cast<long>(request.timeout.count());
    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_PATH_AS_IS, 1L); // names may hold dots
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(limit, 30'000L));
    if (files) { // large ones take as long as they move
      set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
      set(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, limit / 1000));
    } else {
      set(easy, CURLOPT_TIMEOUT_MS, limit);
    }
    if (loopback) {
      set(easy, CURLOPT_NOPROXY, "*");
    }
    if (!options_.user_agent.empty()) {
      set(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
    }
    if (!options_.verify_tls) {
      set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
      set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!options_.ca_file.empty()) {
      set(easy, CURLOPT_CAINFO, options_.ca_file.c_str()); // the system's folder of authorities still counts
    }
  }

  Result<void> set_body(CURL* easy, const ClientRequest& request, Exchange& exchange) const {
    if (!request.body_file.empty()) {
      exchange.upload.reset(::open(request.body_file.c_str(), O_RDONLY | O_CLOEXEC));
      struct stat info{};
      if (!exchange.upload || ::fstat(exchange.upload.get(), &info) != 0) {
        return error_from_errno(errno, "cannot read " + request.body_file.string());
      }
      set(easy, CURLOPT_UPLOAD, 1L);
      set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(info.st_size));
      set(easy, CURLOPT_READFUNCTION, on_upload);
      set(easy, CURLOPT_READDATA, static_cast<void*>(&exchange));
      set(easy, CURLOPT_SEEKFUNCTION, on_rewind);
      set(easy, CURLOPT_SEEKDATA, static_cast<void*>(&exchange));
      set(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
      set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    } else if (request.method == "HEAD") {
      set(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
      set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
      set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    return {};
  }

  Result<void> set_response(CURL* easy, const ClientRequest& request, Exchange& exchange) const {
    if (!request.download_to.empty()) {
      const auto& path = request.download_to;
      auto temporary = path.parent_path() / ("." + path.filename().string() + "." + hex_encode(random_bytes(6)));
      exchange.download.reset(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
      if (!exchange.download) {
        return error_from_errno(errno, "cannot create " + temporary.string());
      }
      exchange.temporary = std::move(temporary);
      set(easy, CURLOPT_BUFFERSIZE, 256L * 1024);
    }
    set(easy, CURLOPT_HEADERFUNCTION, on_header);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    set(easy, CURLOPT_WRITEFUNCTION, on_body);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    if (!is_loopback_url(request.url) && request.download_to.empty()) {
      set(easy, CURLOPT_ACCEPT_ENCODING, "");
    }
    return {};
  }

  static Result<void> finish_download(Exchange& exchange, const ClientRequest& request) {
    if (::rename(exchange.temporary.c_str(), request.download_to.c_str()) != 0) {
      return error_from_errno(errno, "cannot write " + request.download_to.string());
    }
    exchange.temporary.clear();
    return {};
  }

  const ClientOptions options_;
  Guarded<std::vector<std::unique_ptr<Transfer>>> idle_;
};

} // namespace

std::unique_ptr<Client> Client::create(ClientOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

void forbid_unused_tls() {
  ::setenv("GNUTLS_NO_IMPLICIT_INIT", "1", 0);
}

} // namespace pier::http
