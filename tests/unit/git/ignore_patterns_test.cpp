#include "core/git/ignore_patterns.hpp"

#include <doctest/doctest.h>

using pier::git::IgnorePatterns;
using pier::git::matches_segment;

namespace {

bool ignored(std::string_view patterns, std::string_view path, bool directory = false) {
  return IgnorePatterns::parse(patterns).matches(path, directory);
}

} // namespace

TEST_CASE("ignore patterns: a plain name matches at every level and everything below it") {
  CHECK(ignored("build", "build", true));
  CHECK(ignored("build", "a/build/x.o"));
  CHECK(ignored("*.pyc", "a/b/c.pyc"));
  CHECK_FALSE(ignored("build", "builder"));
  CHECK_FALSE(ignored("*.pyc", "c.py"));
}

TEST_CASE("ignore patterns: a slash ties a pattern to its folder") {
  CHECK(ignored("/dist", "dist/x"));
  CHECK_FALSE(ignored("/dist", "a/dist/x"));
  CHECK(ignored("a/b", "a/b/c"));
  CHECK_FALSE(ignored("a/b", "x/a/b"));
  CHECK_FALSE(ignored("a/*.txt", "a/b/c.txt"));
}

TEST_CASE("ignore patterns: a trailing slash means folders only") {
  CHECK(ignored("venv/", "venv", true));
  CHECK(ignored("venv/", "venv/bin/python"));
  CHECK_FALSE(ignored("venv/", "venv"));
}

TEST_CASE("ignore patterns: double stars span folders") {
  CHECK(ignored("a/**/z", "a/z"));
  CHECK(ignored("a/**/z", "a/b/c/z"));
  CHECK(ignored("**/node_modules", "web/node_modules/x"));
  CHECK(ignored("a/**", "a/b/c"));
  CHECK_FALSE(ignored("a/**", "a", true));
}

TEST_CASE("ignore patterns: the last match wins, ! takes back") {
  CHECK_FALSE(ignored("*.log\n!keep.log", "keep.log"));
  CHECK(ignored("!keep.log\n*.log", "keep.log"));
  CHECK(ignored("*.log\n!keep.log", "other.log"));
}

TEST_CASE("ignore patterns: comments, blanks, escapes and CRLF") {
  CHECK_FALSE(ignored("# build\n\n", "build"));
  CHECK(ignored("\\#x", "#x"));
  CHECK(ignored("\\!x", "!x"));
  CHECK(ignored("build\r\n", "build"));
  CHECK(ignored("build   ", "build"));
  CHECK_FALSE(ignored("/", "build"));
}

TEST_CASE("ignore patterns: wildcards within a segment") {
  CHECK(matches_segment("a*b?c", "axxxbyc"));
  CHECK(matches_segment("[a-c]x", "bx"));
  CHECK_FALSE(matches_segment("[!a-c]x", "bx"));
  CHECK(matches_segment("[]]", "]"));
  CHECK(matches_segment("[", "["));
  CHECK(matches_segment("\\*", "*"));
  CHECK_FALSE(matches_segment("\\*", "x"));
  CHECK(matches_segment("*", ""));
}

TEST_CASE("ignore patterns: many stars stay fast") {
  const std::string text(2000, 'a');
  CHECK_FALSE(matches_segment("*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}
