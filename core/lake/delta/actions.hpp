#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Actions of the Delta transaction log (protocol: "Actions"), as plain values.
namespace pier::lake::delta {

using PartitionValues = std::map<std::string, std::optional<std::string>>; ///< by physical column name

struct DeletionVector {
  std::string storage_type; ///< "u" file in the table, "i" inline, "p" absolute path
  std::string path_or_inline;
  std::int64_t offset = 0;
  bool has_offset = false;
  std::int64_t size = 0;
  std::int64_t cardinality = 0;

  [[nodiscard]] std::string unique_id() const; ///< part of a file's key
  bool operator==(const DeletionVector&) const = default;
};

struct AddFile {
  std::string path; ///< as in the log: percent-encoded, relative to the table or a URI
  PartitionValues partition_values;
  std::int64_t size = 0;
  std::int64_t modification_time = 0;
  bool data_change = true;
  std::string stats; ///< JSON text, may be empty
  std::optional<DeletionVector> deletion_vector;
  std::map<std::string, std::string> tags;
};

struct RemoveFile {
  std::string path;
  std::int64_t deletion_timestamp = 0;
  bool data_change = true;
  std::optional<PartitionValues> partition_values;
  std::int64_t size = 0;
  std::optional<DeletionVector> deletion_vector;
};

/// A change data file (`_change_data/…`).
struct CdcFile {
  std::string path;
  PartitionValues partition_values;
  std::int64_t size = 0;
};

struct Metadata {
  std::string id;
  std::string name;
  std::string description;
  std::string schema_string;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  std::int64_t created_time = 0;
};

struct Protocol {
  std::int64_t min_reader = 1;
  std::int64_t min_writer = 2;
  std::vector<std::string> reader_features;
  std::vector<std::string> writer_features;
  bool operator==(const Protocol&) const = default;
};

struct Transaction {
  std::string app_id;
  std::int64_t version = 0;
  std::int64_t last_updated = 0;
};

struct CommitInfo {
  std::int64_t timestamp = 0;
  std::optional<std::int64_t> in_commit_timestamp;
  std::string json; ///< the whole object
};

struct DomainMetadata {
  std::string domain;
  std::string configuration;
  bool removed = false;
};

struct Sidecar {
  std::string path;
};

using Action =
    std::variant<AddFile, RemoveFile, CdcFile, Metadata, Protocol, Transaction, CommitInfo, DomainMetadata, Sidecar>;

} // namespace pier::lake::delta
