// LIBS: gateway
#include "core/apps/gateway/body_tracker.hpp"
#include "core/apps/gateway/http_head.hpp"
#include "core/apps/gateway/identity_fields.hpp"
#include "core/apps/gateway/web_socket.hpp"
#include "core/base/text.hpp"

#include <cstdlib>
#include <string>

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// What the app gets must be a head that the scanner takes, once more, as the same request, with exactly one of
/// each identity field.
void check_upstream(const pier::apps::RequestHead& head) {
  const pier::apps::Visitor visitor{.user_id = "1", .user_name = "ada", .email = "ada@example.test"};
  const auto text = pier::apps::upstream_head(head, visitor, "127.0.0.1", "id");
  pier::apps::RequestHead again;
  if (head.fields.size() + 12 > pier::apps::k_max_fields) {
    return;
  }
  require(pier::apps::find_head_end(text, 0) == text.size());
  require(!pier::apps::scan_request(text, again));
  require(again.method == head.method && again.target == head.target && again.host == head.host);
  require(again.body == head.body && again.content_length == head.content_length);
  int emails = 0;
  for (const auto& field : again.fields) {
    auto name = pier::to_lower(field.name);
    for (auto& c : name) {
      c = c == '_' ? '-' : c;
    }
    emails += name == "x-forwarded-email" ? 1 : 0;
    require(name != "authorization" && name != "forwarded");
    require(name != "x-forwarded-email" || field.value == "ada@example.test");
  }
  require(emails == 1);
}

/// A body taken byte by byte ends where one taken at once does.
void check_body(std::string_view bytes, pier::apps::BodyKind kind, std::uint64_t length) {
  pier::apps::BodyTracker whole(kind, length);
  pier::apps::BodyTracker pieces(kind, length);
  const auto taken = whole.advance(bytes);
  require(taken <= bytes.size());
  std::size_t sum = 0;
  for (std::size_t i = 0; i < bytes.size() && !pieces.done() && !pieces.broken(); ++i) {
    sum += pieces.advance(bytes.substr(i, 1));
  }
  require(sum == taken && whole.done() == pieces.done() && whole.broken() == pieces.broken());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = pier::apps::find_head_end(text, 0);
  pier::apps::RequestHead request;
  if (end > 0 && !pier::apps::scan_request(text.substr(0, end), request)) {
    check_upstream(request);
    check_body(text.substr(end), request.body, request.content_length);
  }
  pier::apps::ResponseHead response;
  if (end > 0 && !pier::apps::scan_response(text.substr(0, end), response)) {
    pier::apps::downstream_head(response, true);
    check_body(text.substr(end), response.body("GET"), response.content_length);
  }
  check_body(text, pier::apps::BodyKind::chunked, 0);
  pier::apps::FrameObserver whole;
  pier::apps::FrameObserver pieces;
  whole.observe(text);
  for (std::size_t i = 0; i < size; ++i) {
    pieces.observe(text.substr(i, 1));
  }
  require(whole.at_boundary() == pieces.at_boundary());
  bool broken = false;
  if (const auto frame = pier::apps::parse_client_frame(text, broken)) {
    require(frame->size <= size);
  }
  return 0;
}
