#include "core/http/body_reader.hpp"

#include <algorithm>

namespace pier::http {

Result<bool> BodyReader::feed(InputBuffer& input) {
  return chunked_ ? feed_chunks(input) : feed_bytes(input);
}

Result<bool> BodyReader::feed_bytes(InputBuffer& input) {
  const auto ready = input.view().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
  PIER_TRY(sink_.append(ready));
  left_ -= ready.size();
  input.consume(ready.size());
  return left_ == 0;
}

Result<bool> BodyReader::feed_chunks(InputBuffer& input) {
  auto view = input.view();
  const auto state = decoder_.feed(view, content_);
  input.consume(input.size() - view.size());
  if (state == ChunkedDecoder::State::bad) {
    return Error{.kind = ErrorKind::invalid_argument, .code = {}, .message = "the chunked body is malformed"};
  }
  PIER_TRY(sink_.append(content_));
  content_.clear();
  return state == ChunkedDecoder::State::done;
}

} // namespace pier::http
