#include "core/apps/gateway/body_tracker.hpp"

#include <algorithm>

namespace pier::apps {
namespace {

constexpr unsigned k_max_size_digits = 15;
constexpr std::size_t k_max_extension = 4096;
constexpr std::size_t k_max_trailers = 32UL * 1024;

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

std::size_t BodyTracker::advance(std::string_view bytes) {
  if (done_ || broken_) {
    return 0;
  }
  if (kind_ == BodyKind::until_close) {
    return bytes.size();
  }
  std::size_t at = 0;
  while (at < bytes.size() && !done_) {
    if (kind_ == BodyKind::length || state_ == State::data) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
      left_ -= take;
      at += take;
      if (left_ == 0) {
        done_ = kind_ == BodyKind::length;
        state_ = State::data_end;
      }
      continue;
    }
    if (!step(bytes[at])) {
      broken_ = true;
      break;
    }
    ++at;
  }
  return at;
}

bool BodyTracker::step(char c) {
  switch (state_) {
  case State::size:
  case State::space:
  case State::extension:
  case State::size_end: return step_size(c);
  case State::data_end: state_ = State::data_newline; return c == '\r';
  case State::data_newline:
    state_ = State::size;
    digits_ = 0;
    left_ = 0;
    return c == '\n';
  case State::trailer:
  case State::trailer_newline:
  case State::last_newline: return step_trailer(c);
  case State::data: break;
  }
  return false;
}

bool BodyTracker::step_size(char c) {
  if (state_ == State::size_end) {
    state_ = left_ == 0 ? State::trailer : State::data;
    line_ = 0;
    line_is_empty_ = true;
    return c == '\n';
  }
  if (state_ == State::extension) {
    if (c == '\r') {
      state_ = State::size_end;
    }
    return c != '\n' && ++line_ <= k_max_extension;
  }
  if (const int value = hex_value(c); value >= 0 && state_ == State::size) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return ++digits_ <= k_max_size_digits;
  }
  line_ = 0;
  state_ = c == '\r' ? State::size_end : c == ';' ? State::extension : State::space;
  return digits_ > 0 && (c == '\r' || c == ';' || c == ' ' || c == '\t');
}

bool BodyTracker::step_trailer(char c) {
  if (++line_ > k_max_trailers) {
    return false;
  }
  if (state_ == State::last_newline) {
    done_ = true;
    return c == '\n';
  }
  if (state_ == State::trailer_newline) {
    state_ = State::trailer;
    line_is_empty_ = true;
    return c == '\n';
  }
  if (c == '\r') {
    state_ = line_is_empty_ ? State::last_newline : State::trailer_newline;
    return true;
  }
  line_is_empty_ = false;
  return c != '\n';
}

} // namespace pier::apps
