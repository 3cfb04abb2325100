#include "core/lake/delta/log_parser.hpp"

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"

#include <simdjson.h>

namespace pier::lake::delta {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

Error corrupt(std::string message) {
  return Error{.kind = ErrorKind::invalid_state, .code = "DELTA_LOG_CORRUPT", .message = std::move(message)};
}

std::string get_text(const Object& object, std::string_view key) {
  std::string_view value;
  return object.at_key(key).get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

std::int64_t get_integer(const Object& object, std::string_view key, std::int64_t fallback = 0) {
  std::int64_t value = 0;
  if (object.at_key(key).get(value) == simdjson::SUCCESS) {
    return value;
  }
  double real = 0; // some writers give 1.7e12
  constexpr double k_limit = 9.2e18;
  if (object.at_key(key).get(real) == simdjson::SUCCESS && real > -k_limit && real < k_limit) {
    return static_cast<std::int64_t>(real);
  }
  return fallback;
}

bool get_bool(const Object& object, std::string_view key, bool fallback) {
  bool value = fallback;
  return object.at_key(key).get(value) == simdjson::SUCCESS ? value : fallback;
}

std::vector<std::string> get_texts(const Object& object, std::string_view key) {
  std::vector<std::string> out;
  simdjson::dom::array array;
  if (object.at_key(key).get(array) == simdjson::SUCCESS) {
    for (const auto item : array) {
      std::string_view text;
      if (item.get(text) == simdjson::SUCCESS) {
        out.emplace_back(text);
      }
    }
  }
  return out;
}

std::optional<PartitionValues> get_partition_values(const Object& object) {
  Object values;
  if (object.at_key("partitionValues").get(values) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  PartitionValues out;
  for (const auto [key, value] : values) {
    std::string_view text;
    // By the protocol an empty text is NULL.
    const bool has_text = value.get(text) == simdjson::SUCCESS && !text.empty();
    out.emplace(key, has_text ? std::optional<std::string>(text) : std::nullopt);
  }
  return out;
}

std::optional<DeletionVector> get_deletion_vector(const Object& object) {
  Object inner;
  if (object.at_key("deletionVector").get(inner) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  DeletionVector out{.storage_type = get_text(inner, "storageType"),
                     .path_or_inline = get_text(inner, "pathOrInlineDv"),
                     .size = get_integer(inner, "sizeInBytes"),
                     .cardinality = get_integer(inner, "cardinality")};
  std::int64_t offset = 0;
  if (inner.at_key("offset").get(offset) == simdjson::SUCCESS) {
    out.offset = offset;
    out.has_offset = true;
  }
  if (out.storage_type.empty()) {
    return std::nullopt;
  }
  return out;
}

Result<Action> read_add(const Object& object) {
  AddFile out{.path = get_text(object, "path"),
              .size = get_integer(object, "size"),
              .modification_time = get_integer(object, "modificationTime"),
              .data_change = get_bool(object, "dataChange", true),
              .stats = get_text(object, "stats"),
              .deletion_vector = get_deletion_vector(object)};
  if (out.path.empty()) {
    return corrupt("an add action has no path");
  }
  out.partition_values = get_partition_values(object).value_or(PartitionValues{});
  Object tags;
  if (object.at_key("tags").get(tags) == simdjson::SUCCESS) {
    for (const auto [key, value] : tags) {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) {
        out.tags.emplace(key, text);
      }
    }
  }
  return Action(std::move(out));
}

Result<Action> read_remove(const Object& object) {
  RemoveFile out{.path = get_text(object, "path"),
                 .deletion_timestamp = get_integer(object, "deletionTimestamp"),
                 .data_change = get_bool(object, "dataChange", true),
                 .partition_values = get_partition_values(object),
                 .size = get_integer(object, "size"),
                 .deletion_vector = get_deletion_vector(object)};
  if (out.path.empty()) {
    return corrupt("a remove action has no path");
  }
  return Action(std::move(out));
}

Result<Action> read_cdc(const Object& object) {
  CdcFile out{.path = get_text(object, "path"), .size = get_integer(object, "size")};
  if (out.path.empty()) {
    return corrupt("a cdc action has no path");
  }
  out.partition_values = get_partition_values(object).value_or(PartitionValues{});
  return Action(std::move(out));
}

Result<Action> read_metadata(const Object& object) {
  Metadata out{.id = get_text(object, "id"),
               .name = get_text(object, "name"),
               .description = get_text(object, "description"),
               .schema_string = get_text(object, "schemaString"),
               .partition_columns = get_texts(object, "partitionColumns"),
               .created_time = get_integer(object, "createdTime")};
  Object format;
  if (object.at_key("format").get(format) == simdjson::SUCCESS && get_text(format, "provider") != "parquet") {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "UNSUPPORTED_FEATURE",
                 .message = "the table keeps its data as '" + get_text(format, "provider") + "', not as parquet"};
  }
  Object configuration;
  if (object.at_key("configuration").get(configuration) == simdjson::SUCCESS) {
    for (const auto [key, value] : configuration) {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) {
        out.configuration.emplace(key, text);
      }
    }
  }
  if (out.schema_string.empty()) {
    return corrupt("a metaData action has no schemaString");
  }
  return Action(std::move(out));
}

Result<Action> read_protocol(const Object& object) {
  Protocol out{.min_reader = get_integer(object, "minReaderVersion"),
               .min_writer = get_integer(object, "minWriterVersion"),
               .reader_features = get_texts(object, "readerFeatures"),
               .writer_features = get_texts(object, "writerFeatures")};
  if (out.min_reader < 1 || out.min_writer < 1) {
    return corrupt("a protocol action has no versions");
  }
  return Action(std::move(out));
}

std::optional<Result<Action>> read_action(std::string_view kind, const Object& object) {
  if (kind == "add") {
    return read_add(object);
  }
  if (kind == "remove") {
    return read_remove(object);
  }
  if (kind == "cdc") {
    return read_cdc(object);
  }
  if (kind == "metaData") {
    return read_metadata(object);
  }
  if (kind == "protocol") {
    return read_protocol(object);
  }
  if (kind == "txn") {
    return Action(Transaction{.app_id = get_text(object, "appId"),
                              .version = get_integer(object, "version"),
                              .last_updated = get_integer(object, "lastUpdated")});
  }
  if (kind == "commitInfo") {
    CommitInfo info{.timestamp = get_integer(object, "timestamp"), .json = simdjson::minify(object)};
    if (const auto ict = get_integer(object, "inCommitTimestamp", -1); ict >= 0) {
      info.in_commit_timestamp = ict;
    }
    return Action(std::move(info));
  }
  if (kind == "domainMetadata") {
    return Action(DomainMetadata{.domain = get_text(object, "domain"),
                                 .configuration = get_text(object, "configuration"),
                                 .removed = get_bool(object, "removed", false)});
  }
  if (kind == "sidecar") {
    return Action(Sidecar{.path = get_text(object, "path")});
  }
  return std::nullopt;
}

Json partition_json(const PartitionValues& values) {
  auto out = Json::object();
  for (const auto& [key, value] : values) {
    out[key] = value ? Json(*value) : Json();
  }
  return out;
}

Json deletion_vector_json(const DeletionVector& vector) {
  auto out = Json::object({{"storageType", vector.storage_type},
                           {"pathOrInlineDv", vector.path_or_inline},
                           {"sizeInBytes", vector.size},
                           {"cardinality", vector.cardinality}});
  if (vector.has_offset) {
    out["offset"] = vector.offset;
  }
  return out;
}

struct LineWriter {
  Json operator()(const AddFile& add) const {
    auto body = Json::object({{"path", add.path},
                              {"partitionValues", partition_json(add.partition_values)},
                              {"size", add.size},
                              {"modificationTime", add.modification_time},
                              {"dataChange", add.data_change}});
    if (!add.stats.empty()) {
      body["stats"] = add.stats;
    }
    for (const auto& [key, value] : add.tags) {
      body["tags"][key] = value;
    }
    if (add.deletion_vector) {
      body["deletionVector"] = deletion_vector_json(*add.deletion_vector);
    }
    return Json::object({{"add", std::move(body)}});
  }

  Json operator()(const RemoveFile& remove) const {
    auto body = Json::object({{"path", remove.path},
                              {"deletionTimestamp", remove.deletion_timestamp},
                              {"dataChange", remove.data_change},
                              {"extendedFileMetadata", remove.partition_values.has_value()}});
    if (remove.partition_values) {
      body["partitionValues"] = partition_json(*remove.partition_values);
      body["size"] = remove.size;
    }
    if (remove.deletion_vector) {
      body["deletionVector"] = deletion_vector_json(*remove.deletion_vector);
    }
    return Json::object({{"remove", std::move(body)}});
  }

  Json operator()(const CdcFile& cdc) const {
    return Json::object({{"cdc", Json::object({{"path", cdc.path},
                                               {"partitionValues", partition_json(cdc.partition_values)},
                                               {"size", cdc.size},
                                               {"dataChange", false}})}});
  }

  Json operator()(const Metadata& metadata) const {
    auto configuration = Json::object();
    for (const auto& [key, value] : metadata.configuration) {
      configuration[key] = value;
    }
    auto body = Json::object({{"id", metadata.id},
                              {"format", Json::object({{"provider", "parquet"}, {"options", Json::object()}})},
                              {"schemaString", metadata.schema_string},
                              {"partitionColumns", Json::strings(metadata.partition_columns)},
                              {"configuration", std::move(configuration)},
                              {"createdTime", metadata.created_time}});
    if (!metadata.name.empty()) {
      body["name"] = metadata.name;
    }
    if (!metadata.description.empty()) {
      body["description"] = metadata.description;
    }
    return Json::object({{"metaData", std::move(body)}});
  }

  Json operator()(const Protocol& protocol) const {
    auto body = Json::object({{"minReaderVersion", protocol.min_reader}, {"minWriterVersion", protocol.min_writer}});
    if (protocol.min_reader >= 3) {
      body["readerFeatures"] = Json::strings(protocol.reader_features);
    }
    if (protocol.min_writer >= 7) {
      body["writerFeatures"] = Json::strings(protocol.writer_features);
    }
    return Json::object({{"protocol", std::move(body)}});
  }

  Json operator()(const Transaction& transaction) const {
    return Json::object({{"txn", Json::object({{"appId", transaction.app_id},
                                               {"version", transaction.version},
                                               {"lastUpdated", transaction.last_updated}})}});
  }

  Json operator()(const CommitInfo& info) const {
    auto body = Json::parse(info.json);
    return Json::object({{"commitInfo", body ? *body : Json::object({{"timestamp", info.timestamp}})}});
  }

  Json operator()(const DomainMetadata& domain) const {
    return Json::object({{"domainMetadata", Json::object({{"domain", domain.domain},
                                                          {"configuration", domain.configuration},
                                                          {"removed", domain.removed}})}});
  }

  Json operator()(const Sidecar& sidecar) const {
    return Json::object({{"sidecar", Json::object({{"path", sidecar.path}})}});
  }
};

} // namespace

std::string DeletionVector::unique_id() const {
  return storage_type + path_or_inline + (has_offset ? "@" + std::to_string(offset) : "");
}

Result<std::vector<Action>> parse_actions(std::string_view text) {
  std::vector<Action> out;
  simdjson::dom::parser parser;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    begin = end + 1;
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    Object object;
    if (const auto failed = parser.parse(line.data(), line.size()).get(object); failed != simdjson::SUCCESS) {
      return corrupt("line " + std::to_string(line_number) + " is no JSON object: " + simdjson::error_message(failed));
    }
    for (const auto [kind, value] : object) {
      Object body;
      if (value.get(body) != simdjson::SUCCESS) {
        continue;
      }
      if (auto action = read_action(kind, body)) {
        PIER_TRY_ASSIGN(auto read, *std::move(action));
        out.push_back(std::move(read));
      }
    }
  }
  return out;
}

std::string to_line(const Action& action) {
  return std::visit(LineWriter{}, action).dump();
}

std::string decode_path(std::string_view path) {
  auto decoded = percent_decode(path);
  std::string text = decoded ? *decoded : std::string(path);
  if (text.starts_with("file:")) {
    text = text.substr(5);
  }
  if (text.starts_with("//")) {
    text = text.substr(std::min(text.find_first_not_of('/'), text.size()) - 1);
  }
  return text;
}

std::string file_key(const std::string& path, const std::optional<DeletionVector>& deletion_vector) {
  auto key = decode_path(path);
  if (deletion_vector) {
    key += '\n' + deletion_vector->unique_id();
  }
  return key;
}

} // namespace pier::lake::delta
