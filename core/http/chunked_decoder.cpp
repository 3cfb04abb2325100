#include "core/http/chunked_decoder.hpp"

#include <algorithm>

namespace pier::http {
namespace {

constexpr std::size_t k_max_ignored = std::size_t{16} * 1024;

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

} // namespace

ChunkedDecoder::State ChunkedDecoder::feed(std::string_view& input, std::string& out) {
  while (!input.empty() && !done_) {
    if (phase_ == Phase::data) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      out.append(input.substr(0, count));
      input.remove_prefix(count);
      left_ -= count;
      if (left_ == 0) {
        phase_ = Phase::data_cr;
      }
      continue;
    }
    if (!take(input.front())) {
      return State::bad;
    }
    input.remove_prefix(1);
  }
  return done_ ? State::done : State::more;
}

bool ChunkedDecoder::take(char c) {
  switch (phase_) {
  case Phase::size: return take_size_digit(c);
  case Phase::extension:
    if (c == '\r') {
      phase_ = Phase::size_lf;
      return true;
    }
    return c != '\n' && ++line_bytes_ <= k_max_ignored;
  case Phase::size_lf: return c == '\n' && end_size_line();
  case Phase::data_cr: phase_ = Phase::data_lf; return c == '\r';
  case Phase::data_lf: phase_ = Phase::size; return c == '\n';
  case Phase::trailer_start: phase_ = c == '\r' ? Phase::end_lf : Phase::trailer; return c != '\n';
  case Phase::trailer:
    if (c == '\r') {
      phase_ = Phase::trailer_lf;
      return true;
    }
    return c != '\n' && ++line_bytes_ <= k_max_ignored;
  case Phase::trailer_lf: phase_ = Phase::trailer_start; return c == '\n';
  case Phase::end_lf: done_ = true; return c == '\n';
  case Phase::data: break;
  }
  return false;
}

bool ChunkedDecoder::take_size_digit(char c) {
  if (const int value = hex_value(c); value >= 0) {
    // 15 digits: more than any body may have, and no overflow.
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return ++digits_ <= 15;
  }
  if (digits_ == 0) {
    return false;
  }
  if (c == '\r') {
    phase_ = Phase::size_lf;
    return true;
  }
  phase_ = Phase::extension;
  return c == ';' || c == ' ' || c == '\t';
}

bool ChunkedDecoder::end_size_line() {
  phase_ = left_ == 0 ? Phase::trailer_start : Phase::data;
  digits_ = 0;
  return true;
}

} // namespace pier::http
