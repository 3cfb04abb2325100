#pragma once

#include "core/lake/sql/ast.hpp"

#include <map>

namespace pier::lake::sql {

struct CreateSchema {
  NameParts name;
  bool if_not_exists = false;
  std::string comment;
};

struct CreateTable {
  NameParts name;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<Field> columns;
  std::vector<std::string> partition_columns;
  std::string comment;
  std::string location;
  std::map<std::string, std::string> properties;
  QueryPtr query; ///< AS SELECT
};

struct CreateView {
  NameParts name;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<std::string> columns;
  std::string comment;
  std::string query_text;
  QueryPtr query;
};

enum class ObjectKind { catalog, schema, table, view };

struct Drop {
  ObjectKind kind = ObjectKind::table;
  NameParts name;
  bool if_exists = false;
  bool cascade = false;
};

struct Insert {
  FromItem table;
  bool overwrite = false;
  bool by_name = false;
  std::vector<std::string> columns;
  QueryPtr query;
};

struct Assignment {
  NameParts column;
  ExpressionPtr value;
};

struct Delete {
  FromItem table;
  ExpressionPtr where;
  bool truncate = false; ///< TRUNCATE TABLE
};

struct Update {
  FromItem table;
  std::vector<Assignment> assignments;
  ExpressionPtr where;
};

enum class MergeWhen { matched, not_matched, not_matched_by_source };
enum class MergeAction { update, update_all, remove, insert, insert_all };

struct MergeClause {
  MergeWhen when = MergeWhen::matched;
  ExpressionPtr condition;
  MergeAction action = MergeAction::update;
  std::vector<Assignment> assignments; ///< update; insert: columns with values
};

struct Merge {
  FromItem target;
  FromItem source;
  ExpressionPtr on;
  std::vector<MergeClause> clauses;
};

enum class DescribeKind { table, extended, detail, history, schema, catalog, query };

struct Describe {
  DescribeKind kind = DescribeKind::table;
  NameParts name;
  QueryPtr query;
  ExpressionPtr limit;
};

enum class ShowKind { catalogs, schemas, tables, views, columns, properties, create_table };

struct Show {
  ShowKind kind = ShowKind::tables;
  NameParts in;
  std::string pattern;
  std::string property;
};

struct Use {
  ObjectKind kind = ObjectKind::schema;
  NameParts name;
};

struct AlterTable {
  enum class Kind {
    set_properties,
    unset_properties,
    add_columns,
    set_comment,
    column_comment,
    rename_column,
    drop_columns
  };
  Kind kind = Kind::set_properties;
  NameParts name;
  std::map<std::string, std::string> properties;
  std::vector<std::string> names; ///< properties or columns
  std::vector<Field> columns;
  std::string comment;
  bool if_exists = false;
};

struct GrantStatement {
  bool revoke = false;
  std::vector<std::string> privileges; ///< "SELECT", "USE_SCHEMA"
  std::string securable;               ///< "table", "schema", "catalog", "volume"
  NameParts name;
  std::string principal;
};

using Statement = std::variant<QueryPtr, CreateSchema, CreateTable, CreateView, Drop, Insert, Delete, Update, Merge,
                               Describe, Show, Use, AlterTable, GrantStatement>;

/// Parses one statement. Errors: PARSE_SYNTAX_ERROR; UNSUPPORTED_FEATURE that names a known statement or clause
/// which is not offered.
Result<Statement> parse_statement(std::string_view sql);

} // namespace pier::lake::sql
