#include "core/lake/delta/deletion_vector.hpp"
#include "core/lake/delta/log_parser.hpp"

#include <doctest/doctest.h>

namespace pier::lake::delta {

TEST_CASE("log parser: actions survive a round trip") {
  const std::string text =
      R"({"commitInfo":{"timestamp":5,"operation":"WRITE"}}
{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz"],"writerFeatures":["timestampNtz"]}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":["p"],"configuration":{"a":"b"},"createdTime":1}}
{"add":{"path":"a%20b","partitionValues":{"p":null,"q":""},"size":7,"modificationTime":8,"dataChange":false,"stats":"{}","deletionVector":{"storageType":"i","pathOrInlineDv":"x","sizeInBytes":4,"cardinality":2}}}
{"remove":{"path":"c","deletionTimestamp":9,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{},"size":3}}
{"txn":{"appId":"app","version":4,"lastUpdated":5}}
{"unknown":{"x":1}}
)";
  const auto actions = parse_actions(text);
  REQUIRE(actions.has_value());
  REQUIRE(actions->size() == 6);
  const auto& add = std::get<AddFile>((*actions)[3]);
  CHECK(add.partition_values.at("q") == std::nullopt); // an empty text is NULL
  CHECK(add.deletion_vector->unique_id() == "ix");
  std::string again;
  for (const auto& action : *actions) {
    again += to_line(action) + "\n";
  }
  const auto second = parse_actions(again);
  REQUIRE(second.has_value());
  for (std::size_t i = 0; i < second->size(); ++i) {
    CHECK(to_line((*second)[i]) == to_line((*actions)[i]));
  }
}

TEST_CASE("log parser: broken logs are refused") {
  for (const auto* text : {"{", "[]", R"({"add":{}})", R"({"protocol":{}})", R"({"metaData":{"id":"x"}})",
                           R"({"add":{"path":"x"}} trailing)"}) {
    INFO(text);
    const auto actions = parse_actions(text);
    REQUIRE_FALSE(actions.has_value());
    CHECK(actions.error().code == "DELTA_LOG_CORRUPT");
  }
}

TEST_CASE("log parser: paths are decoded once") {
  CHECK(decode_path("p=%252520/x") == "p=%2520/x");
  CHECK(decode_path("file:///a/b%20c") == "/a/b c");
  CHECK(decode_path("file:/a") == "/a");
  CHECK(decode_path("a%zz") == "a%zz");
}

TEST_CASE("deletion vector: Z85 and broken bitmaps") {
  CHECK(*z85_decode("HelloWorld") == "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B");
  CHECK_FALSE(z85_decode("abc").has_value());
  CHECK_FALSE(DeletedRows::parse("short", 0).has_value());
  CHECK_FALSE(DeletedRows::parse(std::string("\xD1\xD3\x39\x64\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12), 0).has_value());
}

} // namespace pier::lake::delta
