// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {CollectionSettings, CollectionTerms} from "./collection/Terms.sol";
import {ITokenRenderer} from "./interfaces/ITokenRenderer.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {PentimentoCollection} from "./PentimentoCollection.sol";
import {Text} from "./Text.sol";

/// @title Where collections come from
/// @notice Anyone deploys a collection on any registered model. A collection is an ERC-1167 clone of one implementation; what never
/// changes about it is part of its code, and what its owner may change is set in the transaction that deploys it.
/// @dev The constructor makes the registry and the implementation, so that the three know each other and nobody can change it.
contract CollectionFactory {
    ModelRegistry public immutable registry;
    PentimentoCollection public immutable implementation;

    event CollectionCreated(
        address indexed collection, address indexed owner, bytes32 indexed modelId, string name, string symbol, bytes32 salt
    );

    /// @notice A collection needs room for at least one token.
    error SupplyMissing();
    /// @notice A claim must be older than its transaction's time in the queue, and cannot wait longer than an hour.
    error ClaimDelayOutOfRange(uint256 claimDelay, uint256 maximum);
    /// @notice Name and symbol have at most 64 bytes each.
    error NameTooLong(uint256 length, uint256 maximum);

    uint256 public constant MAX_CLAIM_DELAY = 3_600;
    uint256 public constant MAX_NAME_BYTES = 64;

    /// @param protocol Account to which the protocol's share is due.
    /// @param protocolBps The share, in hundredths of a percent of a collection's price.
    constructor(address protocol, uint256 protocolBps, ITokenRenderer renderer) {
        registry = new ModelRegistry(protocol, protocolBps);
        implementation = new PentimentoCollection(registry, renderer);
    }

    /// @notice Deploys a collection that belongs to the caller.
    /// @param salt Any value; the caller's address is mixed in, so that nobody can take the address of another's collection.
    function create(bytes32 salt, CollectionTerms calldata terms, CollectionSettings calldata settings)
        external
        returns (address collection)
    {
        if (terms.maxSupply == 0) revert SupplyMissing();
        if (terms.claimDelay == 0 || terms.claimDelay > MAX_CLAIM_DELAY) {
            revert ClaimDelayOutOfRange(terms.claimDelay, MAX_CLAIM_DELAY);
        }
        _requireName(terms.name);
        _requireName(terms.symbol);
        collection = Clones.cloneDeterministicWithImmutableArgs(address(implementation), _args(terms), _salt(msg.sender, salt));
        registry.admit(collection, terms.modelId);
        PentimentoCollection(collection).initialize(msg.sender, settings);
        emit CollectionCreated(collection, msg.sender, terms.modelId, terms.name, terms.symbol, salt);
    }

    /// @notice The address that `create` gives to this collection of `owner`.
    function predict(address owner, bytes32 salt, CollectionTerms calldata terms) external view returns (address) {
        return Clones.predictDeterministicAddressWithImmutableArgs(
            address(implementation), _args(terms), _salt(owner, salt), address(this)
        );
    }

    /// @dev What a clone carries in its code; reverts for an unknown model.
    function _args(CollectionTerms calldata terms) private view returns (bytes memory) {
        return abi.encode(registry.recordOf(terms.modelId), terms);
    }

    function _salt(address owner, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, salt));
    }

    function _requireName(string calldata text) private pure {
        if (bytes(text).length > MAX_NAME_BYTES) revert NameTooLong(bytes(text).length, MAX_NAME_BYTES);
        Text.requireUtf8(text);
    }
}
