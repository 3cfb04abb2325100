#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier {

/// Matches one path segment or a whole relative path: `*` and `?` do not cross `/`, `[a-z]`, `[^a]`,
/// `\` escapes (the rules of Go's filepath.Match).
bool glob_match(std::string_view pattern, std::string_view name);

/// Paths below `root` that match, relative with `/`, sorted. There is no `**`.
std::vector<std::string> glob_files(const std::filesystem::path& root, std::string_view pattern);

/// The same for a pattern that is a path from the root of the file system.
std::vector<std::filesystem::path> glob_files(const std::filesystem::path& pattern);

/// False for a class that is not closed, "[a.yml".
bool is_well_formed_glob(std::string_view pattern);
bool has_glob_characters(std::string_view text);

} // namespace pier
