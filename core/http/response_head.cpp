#include "core/http/response_head.hpp"

#include "core/base/clock.hpp"
#include "core/base/text.hpp"

#include <boost/beast/http/status.hpp>

namespace pier::http {
namespace {

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  for (const char c : value) {
    head += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  }
  head += "\r\n";
}

/// Fields that only the server itself may set.
bool is_framing_field(std::string_view name) {
  return equals_ignore_case(name, "Content-Length") || equals_ignore_case(name, "Transfer-Encoding") ||
         equals_ignore_case(name, "Connection") || equals_ignore_case(name, "Date");
}

} // namespace

const std::string& DateField::value() {
  const auto now = std::time(nullptr);
  if (now != second_) {
    second_ = now;
    value_ = to_http_date(std::chrono::system_clock::from_time_t(now));
  }
  return value_;
}

std::uint64_t content_length_of(const Response& response) {
  if (has_no_body(response.status)) {
    return 0;
  }
  return response.file ? response.file->length : response.body.size();
}

std::string write_response_head(const Response& response, const Headers& common, const ResponseFraming& framing,
                                const std::string& date) {
  std::string head;
  head.reserve(512);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  head.append(reason.data(), reason.size());
  head += "\r\n";
  for (const auto& [name, value] : response.headers.all()) {
    // An answer to HEAD may state the length of what GET would give.
    const bool stated = framing.is_head_request && equals_ignore_case(name, "Content-Length");
    if (!is_framing_field(name) || stated) {
      append_field(head, name, value);
    }
  }
  for (const auto& [name, value] : common.all()) {
    if (!response.headers.has(name)) {
      append_field(head, name, value);
    }
  }
  append_field(head, "Date", date);
  const bool stated = framing.is_head_request && response.headers.has("Content-Length");
  if (!has_no_body(response.status) && !stated) {
    append_field(head, "Content-Length", std::to_string(content_length_of(response)));
  }
  if (!framing.keep_alive) {
    append_field(head, "Connection", "close");
  } else if (framing.is_http_1_0) {
    append_field(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

} // namespace pier::http
