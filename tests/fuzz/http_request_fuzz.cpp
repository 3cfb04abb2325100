// LIBS: http
// A connection's bytes as the server takes them: heads through Beast's parser and our checks, bodies by length or
// in chunks, one request after another.

#include "core/http/body_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace pier::http;

/// False when the connection would end here.
bool take_request(InputBuffer& input) {
  std::size_t searched = 0;
  const auto end = find_head_end(input.view(), searched);
  if (!end || *end > k_max_head) {
    return false;
  }
  const auto parsed = parse_request_head(input.view().substr(0, *end));
  input.consume(*end);
  const auto* head = std::get_if<RequestHead>(&parsed);
  if (head == nullptr) {
    return false;
  }
  // What was accepted has one meaning: a path, one Host, at most one way to tell the body's length.
  const bool has_target = !head->path.empty() && (head->path.front() == '/' || head->path == "*");
  if (!has_target || (head->chunked && head->content_length) || (!head->is_http_1_0 && !head->headers.has("Host"))) {
    std::abort();
  }
  BodySink sink(1U << 20U, 1U << 20U, "/nonexistent");
  BodyReader reader(*head, sink);
  const auto complete = reader.feed(input);
  return complete && *complete;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  InputBuffer input(16);
  for (std::size_t at = 0; at < size; ++at) {
    *input.free_space() = static_cast<char>(data[at]);
    input.commit(1);
  }
  while (!input.empty() && take_request(input)) {
  }
  return 0;
}
