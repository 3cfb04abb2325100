#pragma once

#include "core/apps/gateway/http_head.hpp"

#include <cstdint>
#include <string_view>

namespace pier::apps {

/// Finds where a body ends while its bytes pass through unchanged: chunk sizes, extensions and trailers too.
class BodyTracker {
 public:
  explicit BodyTracker(BodyKind kind, std::uint64_t content_length = 0)
      : kind_(kind),
        left_(content_length),
        done_(kind == BodyKind::none) {}

  /// Takes what belongs to the body from the front of `bytes`; returns how much that is.
  std::size_t advance(std::string_view bytes);

  [[nodiscard]] bool done() const { return done_; }

  [[nodiscard]] bool broken() const { return broken_; } ///< not a chunked body

 private:
  enum class State {
    size,
    space,
    extension,
    size_end,
    data,
    data_end,
    data_newline,
    trailer,
    trailer_newline,
    last_newline
  };

  /// One byte of chunk framing. False when it may not come here.
  bool step(char c);
  bool step_size(char c);
  bool step_trailer(char c);

  BodyKind kind_;
  std::uint64_t left_ = 0;
  bool done_ = false;
  bool broken_ = false;
  State state_ = State::size;
  unsigned digits_ = 0;
  std::size_t line_ = 0; ///< bytes of this extension or of all trailers
  bool line_is_empty_ = true;
};

} // namespace pier::apps
