#include "core/base/glob.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <system_error>

namespace pier {
namespace {

namespace fs = std::filesystem;

struct Class {
  bool valid = false;
  bool matches = false;
  std::size_t length = 0;
};

/// Reads `[…]` at the begin of the pattern.
Class match_class(std::string_view pattern, char c) {
  Class result;
  std::size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  at += negated ? 1U : 0U;
  bool first = true;
  while (at < pattern.size() && (pattern[at] != ']' || first)) {
    first = false;
    const auto take = [&]() -> char {
      if (pattern[at] == '\\' && at + 1 < pattern.size()) {
        ++at;
      }
      return pattern[at++];
    };
    const char low = take();
    char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      high = take();
    }
    result.matches = result.matches || (low <= c && c <= high);
  }
  if (at >= pattern.size()) {
    return {};
  }
  return {true, result.matches != negated, at + 1};
}

void collect(const fs::path& root, const std::string& prefix, const std::vector<std::string>& parts, std::size_t at,
             std::vector<std::string>& found) {
  if (at == parts.size()) {
    found.push_back(prefix);
    return;
  }
  const auto join = [&](const std::string& name) { return prefix.empty() ? name : prefix + "/" + name; };
  const auto& part = parts[at];
  std::error_code code;
  if (!has_glob_characters(part)) {
    if (fs::exists(root / join(part), code)) {
      collect(root, join(part), parts, at + 1, found);
    }
    return;
  }
  std::vector<std::string> names;
  const auto folder = prefix.empty() ? root : root / prefix;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    if (auto name = it->path().filename().string(); glob_match(part, name)) {
      names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    collect(root, join(name), parts, at + 1, found);
  }
}

} // namespace

bool glob_match(std::string_view pattern, std::string_view name) {
  std::size_t star_pattern = std::string_view::npos;
  std::size_t star_name = 0;
  std::size_t p = 0;
  std::size_t n = 0;
  while (n < name.size()) {
    bool step = false;
    std::size_t length = 1;
    if (p < pattern.size()) {
      if (pattern[p] == '*') {
        star_pattern = p++;
        star_name = n;
        continue;
      }
      if (pattern[p] == '?') {
        step = name[n] != '/';
      } else if (pattern[p] == '[') {
        const auto chosen = match_class(pattern.substr(p), name[n]);
        step = chosen.valid && chosen.matches && name[n] != '/';
        length = chosen.length;
      } else {
        const bool escaped = pattern[p] == '\\' && p + 1 < pattern.size();
        step = pattern[p + (escaped ? 1U : 0U)] == name[n];
        length = escaped ? 2 : 1;
      }
    }
    if (step) {
      p += length;
      ++n;
    } else if (star_pattern != std::string_view::npos && name[star_name] != '/') {
      p = star_pattern + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

std::vector<std::string> glob_files(const fs::path& root, std::string_view pattern) {
  const auto clean = fs::path(pattern).lexically_normal().generic_string();
  std::vector<std::string> found;
  auto parts = split(clean, '/');
  std::erase_if(parts, [](const std::string& part) { return part.empty() || part == "."; });
  collect(root, "", parts, 0, found);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> glob_files(const fs::path& pattern) {
  std::vector<fs::path> found;
  for (const auto& match : glob_files(pattern.root_path(), pattern.relative_path().generic_string())) {
    found.push_back(pattern.root_path() / match);
  }
  return found;
}

bool is_well_formed_glob(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '[') {
      i = pattern.find(']', i + 2);
      if (i == std::string_view::npos) {
        return false;
      }
    }
  }
  return true;
}

bool has_glob_characters(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

} // namespace pier
