#pragma once

#include "core/http/message.hpp"

#include <ctime>
#include <string>

namespace pier::http {

/// The Date field (RFC 9110 6.6.1), made once a second.
class DateField {
 public:
  const std::string& value();

 private:
  std::time_t second_ = 0;
  std::string value_;
};

struct ResponseFraming {
  bool keep_alive = true;
  bool is_http_1_0 = false;
  bool is_head_request = false;
};

/// Bytes that follow the head: a file's length or the body's size; 0 for statuses without a body.
std::uint64_t content_length_of(const Response& response);

/// Status line and fields through the blank line. Line breaks inside values become spaces.
std::string write_response_head(const Response& response, const Headers& common, const ResponseFraming& framing,
                                const std::string& date);

} // namespace pier::http
