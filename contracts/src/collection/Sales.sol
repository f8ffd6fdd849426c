// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ModelRegistry} from "../ModelRegistry.sol";
import {Owned} from "./Owned.sol";
import {Sale} from "./Terms.sol";

/// @title Who may mint, when and at what price
/// @notice A token costs the collection's price plus the model's licence fee, to the wei. The fee and the protocol's share of the
/// price go to the registry in the same transaction; the rest stays here until it is paid out to the owner. Pausing stops minting
/// only: transfers are never stopped.
abstract contract Sales is Owned, Pausable {
    ModelRegistry public immutable registry;
    uint256 private immutable _protocolBps;

    /// @dev The terms and the counters share one storage slot.
    struct State {
        uint96 price;
        uint40 start;
        uint40 end;
        uint32 walletLimit;
        uint24 minted;
        uint24 burned;
    }

    State private _state;

    /// @notice Root of the Merkle tree of accounts that may mint; 0 when everybody may. A leaf is
    /// `keccak256(bytes.concat(keccak256(abi.encode(account))))`, pairs are sorted.
    bytes32 public allowlistRoot;

    /// @notice Tokens that an account has minted, burned ones included.
    mapping(address account => uint256) public mintedBy;

    event SaleChanged(uint256 price, uint256 start, uint256 end, uint256 walletLimit);
    event AllowlistChanged(bytes32 root);
    event ProceedsPaid(address indexed owner, uint256 amount);

    error SaleWindowEmpty(uint256 start, uint256 end);
    error SaleNotOpen(uint256 start);
    error SaleClosed(uint256 end);
    error SoldOut(uint256 maxSupply);
    error WalletLimitReached(address account, uint256 limit);
    error NotOnAllowlist(address account);
    error WrongPayment(uint256 expected, uint256 actual);
    error NothingToPay();
    error OwnerCannotBePaid(address owner);

    constructor(ModelRegistry registry_) {
        registry = registry_;
        _protocolBps = registry_.protocolBps();
    }

    /// @notice The present terms of sale, without the model's licence fee.
    function sale() external view returns (Sale memory) {
        return Sale({price: _state.price, start: _state.start, end: _state.end, walletLimit: _state.walletLimit});
    }

    /// @notice Tokens ever minted; this is what `maxSupply` limits.
    function minted() external view returns (uint256) {
        return _state.minted;
    }

    /// @notice Tokens that exist: minted and not burned.
    function totalSupply() external view returns (uint256) {
        return _state.minted - _state.burned;
    }

    function setSale(Sale calldata sale_) external onlyOwner {
        _setSale(sale_);
    }

    function setAllowlist(bytes32 root) external onlyOwner {
        _setAllowlist(root);
    }

    /// @notice Stops minting. Claims and transfers go on.
    function pause() external onlyOwner {
        _pause();
    }

    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice Pays everything that sales have left here to the owner, whoever calls.
    function withdraw() external {
        uint256 amount = address(this).balance;
        if (amount == 0) revert NothingToPay();
        emit ProceedsPaid(owner(), amount);
        (bool paid,) = owner().call{value: amount}("");
        if (!paid) revert OwnerCannotBePaid(owner());
    }

    function _price() internal view returns (uint256) {
        return _state.price;
    }

    function _setSale(Sale calldata sale_) internal {
        if (sale_.end != 0 && sale_.end <= sale_.start) revert SaleWindowEmpty(sale_.start, sale_.end);
        (_state.price, _state.start, _state.end) = (sale_.price, sale_.start, sale_.end);
        _state.walletLimit = sale_.walletLimit;
        emit SaleChanged(sale_.price, sale_.start, sale_.end, sale_.walletLimit);
    }

    function _setAllowlist(bytes32 root) internal {
        allowlistRoot = root;
        emit AllowlistChanged(root);
    }

    /// @dev Checks the caller's right to mint one token and the payment, and counts the token.
    function _sell(uint256 licenceFee, uint256 maxSupply, bytes32[] calldata allowlistProof) internal {
        State memory s = _state;
        if (block.timestamp < s.start) revert SaleNotOpen(s.start);
        if (s.end != 0 && block.timestamp >= s.end) revert SaleClosed(s.end);
        if (s.minted >= maxSupply) revert SoldOut(maxSupply);
        if (msg.value != s.price + licenceFee) revert WrongPayment(s.price + licenceFee, msg.value);
        bytes32 root = allowlistRoot;
        if (root != 0) {
            bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(msg.sender))));
            if (!MerkleProof.verifyCalldata(allowlistProof, root, leaf)) revert NotOnAllowlist(msg.sender);
        }
        uint256 count = mintedBy[msg.sender] + 1;
        if (s.walletLimit != 0 && count > s.walletLimit) revert WalletLimitReached(msg.sender, s.walletLimit);
        mintedBy[msg.sender] = count;
        _state.minted = s.minted + 1;
    }

    /// @dev Counts the use of the model and pays its owner and the protocol.
    function _payShares(uint256 tokenId, uint256 licenceFee) internal {
        uint256 share = (msg.value - licenceFee) * _protocolBps / 10_000;
        registry.recordUse{value: licenceFee + share}(tokenId);
    }

    function _countBurn() internal {
        ++_state.burned;
    }
}
