#include "core/model/resource_key.hpp"

#include "core/base/text.hpp"

namespace pier::model {
namespace {

constexpr std::string_view k_prefix = "resources.";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads one segment `\p{L}+([-_]*[\p{L}\p{N}]+)*` at `at`; false if there is none.
bool read_segment(std::string_view text, std::size_t& at) {
  if (at >= text.size() || !is_letter(text[at])) {
    return false;
  }
  std::size_t end = at;
  std::size_t last_solid = at;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '-' || text[end] == '_')) {
    if (text[end] != '-' && text[end] != '_') {
      last_solid = end;
    }
    ++end;
  }
  if (last_solid + 1 != end) {
    return false;
  }
  at = end;
  return true;
}

bool read_indexes(std::string_view text, std::size_t& at) {
  while (at < text.size() && text[at] == '[') {
    std::size_t end = at + 1;
    while (end < text.size() && is_digit(text[end])) {
      ++end;
    }
    if (end == at + 1 || end >= text.size() || text[end] != ']') {
      return false;
    }
    at = end + 1;
  }
  return true;
}

/// Reads the reference that starts at `begin` with "${"; nothing if it is plain text.
std::optional<Reference> read_reference(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 2;
  if (!read_segment(text, at) || !read_indexes(text, at)) {
    return std::nullopt;
  }
  while (at < text.size() && text[at] == '.') {
    ++at;
    if (!read_segment(text, at) || !read_indexes(text, at)) {
      return std::nullopt;
    }
  }
  if (at >= text.size() || text[at] != '}') {
    return std::nullopt;
  }
  return Reference{begin, at + 1, std::string(text.substr(begin + 2, at - begin - 2))};
}

} // namespace

Result<ResourceKey> ResourceKey::parse(std::string_view text) {
  const auto parts = split(text, '.');
  const bool right_size =
      parts.size() == 3 || (parts.size() == 4 && (parts[3] == "permissions" || parts[3] == "grants"));
  if (!right_size || parts[0] != "resources" || parts[1].empty() || parts[2].empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER0202",
                 .message = "'" + std::string(text) + "' is not a resource",
                 .hint = "write resources.KIND.KEY"};
  }
  return ResourceKey{parts[1], parts[2], parts.size() == 4 ? parts[3] : std::string()};
}

std::string ResourceKey::to_string() const {
  auto text = std::string(k_prefix) + kind + "." + key;
  return part.empty() ? text : text + "." + part;
}

std::vector<Reference> find_references(std::string_view text) {
  std::vector<Reference> references;
  for (std::size_t at = text.find("${"); at != std::string_view::npos;) {
    auto reference = read_reference(text, at);
    const std::size_t next = reference ? reference->end : at + 2;
    if (reference) {
      references.push_back(*std::move(reference));
    }
    at = text.find("${", next);
  }
  return references;
}

std::optional<std::string> pure_reference(std::string_view text) {
  if (text.substr(0, 2) != "${") {
    return std::nullopt;
  }
  auto reference = read_reference(text, 0);
  if (!reference || reference->end != text.size()) {
    return std::nullopt;
  }
  return std::move(reference->path);
}

std::optional<ResourceReference> parse_resource_reference(std::string_view path) {
  if (path.substr(0, k_prefix.size()) != k_prefix) {
    return std::nullopt;
  }
  const auto kind_end = path.find('.', k_prefix.size());
  if (kind_end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto key_end = path.find_first_of(".[", kind_end + 1);
  ResourceReference reference;
  reference.target.kind = path.substr(k_prefix.size(), kind_end - k_prefix.size());
  reference.target.key =
      path.substr(kind_end + 1, key_end == std::string_view::npos ? key_end : key_end - kind_end - 1);
  if (key_end != std::string_view::npos) {
    reference.field = path.substr(path[key_end] == '.' ? key_end + 1 : key_end);
  }
  return reference;
}

std::string singular_of(std::string_view kind) {
  for (const std::string_view es : {"postgres_branches", "vector_search_indexes"}) {
    if (kind == es) {
      return std::string(kind.substr(0, kind.size() - 2));
    }
  }
  return std::string(kind.ends_with('s') ? kind.substr(0, kind.size() - 1) : kind);
}

} // namespace pier::model
