// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {ImageKind, Model, ModelShape} from "./Model.sol";
import {Text} from "./Text.sol";

/// @title Every model, how often it was used, and what its owner has earned
/// @notice Append-only: a model's record is the code of a contract, and its id the hash of that record. Anyone may register a model.
/// A use is counted only when a collection of the factory says so, and those do it in one place: in a mint, after its proof was
/// verified. So the count cannot be raised without a proof for a new token each time, even where the fee is zero.
/// @dev The factory deploys this contract, and only the factory admits collections.
contract ModelRegistry {
    using ModelShape for Model;

    /// @dev A token's record (prompt, creator, image) is the code of one contract and must stay below the limit of 24,576 bytes.
    uint256 public constant MAX_RECORD_BYTES = 24_000;
    /// @notice No protocol may take more than a tenth of a price.
    uint256 public constant MAX_PROTOCOL_BPS = 1_000;

    /// @dev Two storage slots.
    struct Entry {
        address owner;
        uint96 licenceFee;
        address record;
        uint96 uses;
    }

    /// @notice The factory whose collections may record uses.
    address public immutable factory;
    /// @notice To whom the protocol's share is due.
    address public immutable protocol;
    /// @notice The protocol's share of a collection's price, in hundredths of a percent; at most `MAX_PROTOCOL_BPS`.
    uint256 public immutable protocolBps;

    mapping(bytes32 modelId => Entry) private _entries;

    /// @notice The model of a collection of the factory; zero for any other address.
    mapping(address collection => bytes32) public modelOf;

    /// @notice Wei that an account can withdraw.
    mapping(address account => uint256) public owed;
    /// @notice Sum of `owed`, in wei; the balance is never below it.
    uint256 public totalOwed;

    event ModelRegistered(
        bytes32 indexed modelId, address indexed owner, bytes32 indexed commitment, address verifier, address vk, address record
    );
    event CollectionAdmitted(address indexed collection, bytes32 indexed modelId);
    event ModelUsed(bytes32 indexed modelId, address indexed collection, uint256 indexed tokenId, uint256 uses, uint256 fee);
    event Withdrawn(address indexed account, uint256 amount);

    error ProtocolShareTooHigh(uint256 bps, uint256 maximum);
    error OwnerMismatch(address expected, address actual);
    error VerifierCodeHashMismatch(bytes32 expected, bytes32 actual);
    error VkCodeHashMismatch(bytes32 expected, bytes32 actual);
    error ModelCommitmentMissing();
    error LatentLengthOutOfRange(uint256 latentLength);
    error ImageSizeOutOfRange(uint256 width, uint256 height, uint256 scale);
    error RecordTooLong(uint256 length, uint256 maximum);
    error PaletteLengthMismatch(uint256 expected, uint256 actual);
    error ModelExists(bytes32 modelId);
    error UnknownModel(bytes32 modelId);
    error OnlyFactory(address caller);
    error NotACollection(address caller);
    error FeeTooLow(uint256 expected, uint256 actual);
    error NothingOwed(address account);
    error PaymentFailed(address account);

    constructor(address protocol_, uint256 protocolBps_) {
        if (protocolBps_ > MAX_PROTOCOL_BPS) revert ProtocolShareTooHigh(protocolBps_, MAX_PROTOCOL_BPS);
        factory = msg.sender;
        protocol = protocol_;
        protocolBps = protocolBps_;
    }

    // Models

    /// @notice Registers a model of the caller and pins the code of its verifier and its verifying key.
    /// @return modelId keccak256 of the ABI-encoded record.
    function register(Model calldata model_) external returns (bytes32 modelId) {
        if (model_.owner != msg.sender) revert OwnerMismatch(msg.sender, model_.owner);
        _check(model_);
        bytes memory record = abi.encode(model_);
        modelId = keccak256(record);
        if (_entries[modelId].record != address(0)) revert ModelExists(modelId);
        address pointer = SSTORE2.write(record);
        _entries[modelId] = Entry({owner: model_.owner, licenceFee: model_.licenceFee, record: pointer, uses: 0});
        emit ModelRegistered(modelId, model_.owner, model_.commitment, model_.verifier, model_.vk, pointer);
    }

    /// @notice The id that `register` gives to this model.
    function idOf(Model calldata model_) external pure returns (bytes32) {
        return keccak256(abi.encode(model_));
    }

    function model(bytes32 modelId) external view returns (Model memory) {
        return abi.decode(SSTORE2.read(recordOf(modelId)), (Model));
    }

    /// @notice Contract whose code is a zero byte and then the ABI-encoded `Model`.
    function recordOf(bytes32 modelId) public view returns (address record) {
        record = _entries[modelId].record;
        if (record == address(0)) revert UnknownModel(modelId);
    }

    /// @notice How many tokens were minted with a proof of this model, in all collections.
    function uses(bytes32 modelId) external view returns (uint256) {
        return _entries[modelId].uses;
    }

    // Uses and fees

    /// @notice Lets a new collection of the factory record uses of one model, for ever.
    function admit(address collection, bytes32 modelId) external {
        if (msg.sender != factory) revert OnlyFactory(msg.sender);
        modelOf[collection] = modelId;
        emit CollectionAdmitted(collection, modelId);
    }

    /// @notice Counts one use of the calling collection's model. The payment covers the licence fee; what is above is the
    /// protocol's share.
    function recordUse(uint256 tokenId) external payable {
        bytes32 modelId = modelOf[msg.sender];
        if (modelId == 0) revert NotACollection(msg.sender);
        Entry storage entry = _entries[modelId];
        uint256 fee = entry.licenceFee;
        if (msg.value < fee) revert FeeTooLow(fee, msg.value);
        uint96 count = ++entry.uses;
        if (fee != 0) owed[entry.owner] += fee;
        if (msg.value != fee) owed[protocol] += msg.value - fee;
        if (msg.value != 0) totalOwed += msg.value;
        emit ModelUsed(modelId, msg.sender, tokenId, count, fee);
    }

    /// @notice Pays what is owed to `account`, whoever calls.
    function withdraw(address account) external {
        uint256 amount = owed[account];
        if (amount == 0) revert NothingOwed(account);
        // Before the call, so that a receiver that calls back finds nothing more to take.
        owed[account] = 0;
        totalOwed -= amount;
        emit Withdrawn(account, amount);
        (bool paid,) = account.call{value: amount}("");
        if (!paid) revert PaymentFailed(account);
    }

    // Internals

    function _check(Model calldata model_) private view {
        bytes32 verifierHash = _codeHash(model_.verifier);
        if (verifierHash != model_.verifierCodeHash || verifierHash == 0) {
            revert VerifierCodeHashMismatch(model_.verifierCodeHash, verifierHash);
        }
        bytes32 vkHash = _codeHash(model_.vk);
        if (vkHash != model_.vkCodeHash || vkHash == 0) revert VkCodeHashMismatch(model_.vkCodeHash, vkHash);
        if (model_.commitment == 0) revert ModelCommitmentMissing();
        if (model_.latentLength == 0 || model_.latentLength > 1024) revert LatentLengthOutOfRange(model_.latentLength);
        (uint256 width, uint256 height, uint256 scale) = (model_.width, model_.height, model_.scale);
        // A width that is a multiple of 8 makes a row of packed pixels a whole number of bytes in every picture format.
        if (width == 0 || width > 128 || width % 8 != 0 || height == 0 || height > 128 || scale == 0 || scale > 64) {
            revert ImageSizeOutOfRange(width, height, scale);
        }
        uint256 recordLength = model_.latentLength + 21 + model_.dataLength();
        if (recordLength > MAX_RECORD_BYTES) revert RecordTooLong(recordLength, MAX_RECORD_BYTES);
        uint256 paletteLength = model_.kind == ImageKind.Palette ? 48 : 0;
        if (model_.palette.length != paletteLength) revert PaletteLengthMismatch(paletteLength, model_.palette.length);
        Text.requireUtf8(model_.cardUri);
    }

    /// @dev Zero for an account without code, whose code hash is zero or that of empty bytes.
    function _codeHash(address account) private view returns (bytes32) {
        return account.code.length == 0 ? bytes32(0) : account.codehash;
    }
}
